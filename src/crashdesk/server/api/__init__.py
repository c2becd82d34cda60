"""The REST API below ``/api/0/``: Sentry's shapes, so that sentry-cli and scripts work unchanged."""
