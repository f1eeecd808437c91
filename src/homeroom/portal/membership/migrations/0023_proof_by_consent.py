from django.db import migrations, models

PROOFS = ("claimed", "code", "in person", "district record", "consent")


class Migration(migrations.Migration):
    """A tutor's tie rests on the consent that a parent signed. It was kept as if the district's record had the tutor."""

    dependencies = [("membership", "0022_duties_by_declaration")]

    operations = [
        migrations.RemoveConstraint(model_name="tie", name="tie_proof_known"),
        migrations.AddConstraint(model_name="tie", constraint=models.CheckConstraint(condition=models.Q(("proof__in", PROOFS)), name="tie_proof_known")),
        migrations.RunSQL("UPDATE tie SET proof = 'consent' WHERE kind = 'tutor' AND basis = 'consent'", migrations.RunSQL.noop),
    ]
