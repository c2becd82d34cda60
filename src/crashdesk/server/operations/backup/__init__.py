"""A whole server in one file, written while it runs, and a server out of such a file, also on another database.

The file is a tar under zstd: a header, the server's facts, what waits in the intake, each table's rows, the files of
the blob store, and last a manifest with a SHA-256 of all that came before.
"""
