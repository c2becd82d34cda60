"""What versions without an account of arrivals stored or dropped counts as received, and stands in the totals.

Without it the account of a server from that time would show a difference for ever.
"""

from django.db import migrations

_ARRIVALS = """
INSERT INTO outcomes_outcomehour (project_id, hour, category, outcome, reason, quantity)
SELECT project_id, hour, category, 'received', '',
    sum(CASE WHEN outcome = 'received' THEN -quantity ELSE quantity END)
FROM outcomes_outcomehour
WHERE outcome <> 'client_discard'
GROUP BY project_id, hour, category
HAVING sum(CASE WHEN outcome = 'received' THEN -quantity ELSE quantity END) > 0
ON CONFLICT (project_id, hour, category, outcome, reason)
DO UPDATE SET quantity = outcomes_outcomehour.quantity + excluded.quantity
"""

# A total that is there already is raised to what the hours tell, never lowered.
_TOTALS = """
INSERT INTO outcomes_total (project_id, name, quantity)
SELECT project_id, '{name}', sum(quantity)
FROM outcomes_outcomehour
WHERE outcome = '{outcome}' AND category IN ('error', 'security')
GROUP BY project_id
ON CONFLICT (project_id, name)
DO UPDATE SET quantity = excluded.quantity WHERE outcomes_total.quantity < excluded.quantity
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_totals")]

    operations = [
        migrations.RunSQL(_ARRIVALS, migrations.RunSQL.noop),
        migrations.RunSQL(_TOTALS.format(name="events_received", outcome="received"), migrations.RunSQL.noop),
        migrations.RunSQL(_TOTALS.format(name="events_stored", outcome="accepted"), migrations.RunSQL.noop),
    ]
