"""Files in multipart bodies: kept in files without a name, so that a killed process leaves nothing behind."""

import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

IN_MEMORY_BYTES = 256 * 1024


class UnnamedFiles(FileUploadHandler):
    """Takes one part after the other: small ones in memory, larger ones in the data directory."""

    _file: IO[bytes]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        data = str(settings.CRASHDESK_DATA) if settings.CRASHDESK_DATA else None
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=data)  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        del start
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        self._file.seek(0)
        return UploadedFile(self._file, self.file_name, self.content_type, file_size, self.charset)
