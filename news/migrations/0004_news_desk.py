import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_image_uploaded_by"),
        ("news", "0003_local_news"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyViews",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "former address",
                "verbose_name_plural": "former addresses",
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("baseline", "As it was before"),
                            ("saved", "Changed"),
                            ("submitted", "Submitted for review"),
                            ("returned", "Returned to its author"),
                            ("refused", "Refused"),
                            ("published", "Published"),
                            ("scheduled", "Scheduled"),
                            ("archived", "Archived"),
                            ("withdrawn", "Withdrawn"),
                            ("draft", "Made a draft again"),
                            ("moved", "Moved to another category"),
                            ("restored", "Restored"),
                            ("undone", "Undone"),
                        ],
                        default="saved",
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("fields", models.JSONField()),
                ("batch", models.UUIDField(null=True)),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("visitor", models.CharField(max_length=22)),
                ("is_counted", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("base", models.PositiveIntegerField(default=0)),
                ("fields", models.JSONField(default=dict)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "working copy",
                "verbose_name_plural": "working copies",
                "ordering": ["-updated_at"],
            },
        ),
        migrations.AddField(
            model_name="article",
            name="in_step",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="article",
            name="is_pinned",
            field=models.BooleanField(
                default=False, help_text="Stands on top of the front page.", verbose_name="pinned"
            ),
        ),
        migrations.AddField(
            model_name="article",
            name="is_post",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="member’s own post"
            ),
        ),
        migrations.AddField(
            model_name="article",
            name="meant_for",
            field=models.CharField(
                choices=[
                    ("both", "Both languages"),
                    ("zh-hans", "Chinese only"),
                    ("en", "English only"),
                ],
                default="both",
                max_length=7,
                verbose_name="languages",
            ),
        ),
        migrations.AddField(
            model_name="article",
            name="source",
            field=models.CharField(
                blank=True,
                help_text="Of a reprint: who published it first.",
                max_length=100,
                verbose_name="source",
            ),
        ),
        migrations.AddField(
            model_name="article",
            name="source_url",
            field=models.URLField(blank=True, max_length=500, verbose_name="link to the source"),
        ),
        migrations.AddField(
            model_name="article",
            name="stale",
            field=models.CharField(blank=True, editable=False, max_length=7),
        ),
        migrations.AddField(
            model_name="article",
            name="version",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="tag",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="merged",
                to="news.tag",
                verbose_name="merged into",
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                fields=["author", "-publish_at", "-id"], name="news_article_by_author"
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["-updated_at", "-id"], name="news_article_changed"),
        ),
        migrations.AddField(
            model_name="dailyviews",
            name="article",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="daily_views",
                to="news.article",
            ),
        ),
        migrations.AddField(
            model_name="formerslug",
            name="article",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_slugs",
                to="news.article",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="article",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="news.article",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisions",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="article",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="news.article"
            ),
        ),
        migrations.AddField(
            model_name="workingcopy",
            name="article",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="working_copies",
                to="news.article",
            ),
        ),
        migrations.AddField(
            model_name="workingcopy",
            name="editor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="working_copies",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyviews",
            constraint=models.UniqueConstraint(
                fields=("day", "article"), name="news_dailyviews_one_each"
            ),
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)),
                fields=["batch"],
                name="news_revision_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=("article", "number"), name="news_revision_number"
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(
                condition=models.Q(("is_counted", False)),
                fields=["article"],
                name="news_visit_to_count",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                fields=("day", "article", "visitor"), name="news_visit_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="workingcopy",
            constraint=models.UniqueConstraint(
                fields=("article", "editor"), name="news_workingcopy_one_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="workingcopy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("submitted_at", None), ("article__isnull", False), _connector="OR"
                ),
                name="news_workingcopy_proposal_of_an_article",
            ),
        ),
    ]
