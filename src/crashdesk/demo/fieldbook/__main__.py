"""`python -m crashdesk.demo.fieldbook` opens Fieldbook."""

import sys

from crashdesk.demo.fieldbook.start import main

if __name__ == "__main__":
    sys.exit(main())
