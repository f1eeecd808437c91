"""School news, published by a school or the district. It is not part of a student's record, so reading it is not a view."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from homeroom.portal.roster.models import Person, School

AUDIENCES = ("families", "staff", "everyone")  # families includes students
LONGEST_TITLE, LONGEST_WORDS = 120, 5000  # characters


class NewsItem(models.Model):
    """An empty `school` means the district, for all of its schools. Title and words can also be in Spanish."""

    id = models.AutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    school = models.ForeignKey(School, null=True, on_delete=models.PROTECT, related_name="+")
    audience = models.TextField()
    title = models.TextField()
    words = models.TextField()
    title_es = models.TextField(db_default="")
    words_es = models.TextField(db_default="")
    last_day = models.DateField(null=True)  # the last day it is shown
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_down_at = models.DateTimeField(null=True)
    # Students whose full names are in it. It is shown only while each of them may be named (access/names/rules_directory.sql).
    named = ArrayField(models.IntegerField(), default=list, db_default=models.Value([], ArrayField(models.IntegerField())))
    taken_down_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "news_item"
        indexes = [models.Index(F("published_at").desc(), condition=Q(taken_down_at=None), name="news_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(audience__in=AUDIENCES), name="news_audience_known"),
            models.CheckConstraint(condition=Q(title_es="", words_es="") | ~Q(title_es="") & ~Q(words_es=""), name="news_spanish_whole"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(words=""), name="news_says_something"),
        ]
