"""The agent's windows: after a crash, for feedback, what will be sent, consent, and what became of one's reports.

The only part of the client side that imports Qt. Windows draw and ask; what is decided stands in plain modules beside
them (`problems`, `parts`, `reply`, `feedback_report`), and everything that may block happens in `background`.
"""
