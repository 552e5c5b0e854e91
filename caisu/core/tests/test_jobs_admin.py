"""Background and periodic jobs at the desk: who sees what, and who sets it going again."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from caisu.core.jobs import GiveUp, run_due
from caisu.core.jobs.models import BackgroundJob, PeriodicJob
from caisu.core.jobs.running import Runner

from .test_jobs import (
    FAILED,
    NOON,
    READY,
    SUCCESSFUL,
    CleanCalls,
    note,
    outcomes,
    real_queue,
    unsteady,
)


@real_queue
class AdminTests(CleanCalls, TestCase):
    PASSWORD = "correct horse battery staple"

    def setUp(self):
        super().setUp()
        unsteady.enqueue(member_id=7, word="wei@example.org")
        outcomes.append(GiveUp("not today"))
        run_due()
        self.row = BackgroundJob.objects.get()
        self.jobs = reverse("admin:core_backgroundjob_changelist")
        self.periodic_jobs = reverse("admin:core_periodicjob_changelist")
        self.periodic_job = PeriodicJob.objects.create(
            name="news.publish",
            next_run_at=NOON + timedelta(days=9999),
            last_error="x\nKeyError: y",
        )

    def log_in(self, *permissions, is_staff=True):
        person = get_user_model().objects.create_user(
            "mona", "mona@example.org", self.PASSWORD, is_staff=is_staff
        )
        person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        self.client.force_login(person)

    def try_again(self):
        data = {"action": "start_again", "_selected_action": [str(self.row.pk)]}
        return self.client.post(self.jobs, data)

    def run_now(self):
        data = {"action": "run_now", "_selected_action": [str(self.periodic_job.pk)]}
        return self.client.post(self.periodic_jobs, data)

    def assertNothingChanged(self):
        self.row.refresh_from_db()
        self.assertEqual(self.row.status, FAILED)
        next_run_at = self.periodic_job.next_run_at
        self.periodic_job.refresh_from_db()
        self.assertEqual(self.periodic_job.next_run_at, next_run_at)

    def test_failed_job_is_tried_again_with_all_its_attempts(self):
        self.log_in("view_backgroundjob", "change_backgroundjob")
        response = self.try_again()
        self.assertRedirects(response, self.jobs)
        self.row.refresh_from_db()
        self.assertEqual((self.row.status, self.row.attempts), (READY, 0))
        self.assertEqual(run_due(), 1)
        self.row.refresh_from_db()
        self.assertEqual(self.row.status, SUCCESSFUL)

    def test_only_failed_jobs_are_tried_again(self):
        BackgroundJob.objects.update(status=SUCCESSFUL)
        self.log_in("view_backgroundjob", "change_backgroundjob")
        self.try_again()
        self.row.refresh_from_db()
        self.assertEqual(self.row.status, SUCCESSFUL)

    def test_periodic_job_runs_now(self):
        self.log_in("view_periodicjob", "change_periodicjob")
        self.assertRedirects(self.run_now(), self.periodic_jobs)
        self.periodic_job.refresh_from_db()
        self.assertLessEqual(self.periodic_job.next_run_at, timezone.now())

    def test_visitor_is_sent_to_the_login(self):
        for response in (self.client.get(self.jobs), self.try_again(), self.run_now()):
            self.assertEqual(response.status_code, 302)
            self.assertIn("login", response["Location"])
        self.assertNothingChanged()

    def test_member_is_kept_out(self):
        self.log_in("change_backgroundjob", "change_periodicjob", is_staff=False)
        for response in (self.client.get(self.jobs), self.try_again(), self.run_now()):
            self.assertEqual(response.status_code, 403)
        self.assertNothingChanged()

    def test_staff_without_permission_is_refused(self):
        self.log_in()
        for response in (self.client.get(self.jobs), self.try_again(), self.run_now()):
            self.assertEqual(response.status_code, 403)
        self.assertNothingChanged()

    def test_who_may_only_look_changes_nothing(self):
        self.log_in("view_backgroundjob", "view_periodicjob")
        for page in (self.jobs, self.periodic_jobs):
            self.assertNotContains(self.client.get(page), 'name="action"')
        self.try_again()
        self.run_now()
        self.assertNothingChanged()

    def test_list_shows_names_and_identifiers_but_no_other_argument(self):
        self.log_in("view_backgroundjob")
        detail = reverse("admin:core_backgroundjob_change", args=[self.row.pk])
        for page in (self.jobs, detail):
            response = self.client.get(page)
            self.assertContains(response, "test_jobs.unsteady")
            self.assertContains(response, "member_id=7")
            self.assertContains(response, "GiveUp: not today")
            self.assertNotContains(response, "wei@example.org")

    def test_nobody_edits_adds_or_deletes(self):
        self.client.force_login(
            get_user_model().objects.create_superuser("wei", "wei@example.org", self.PASSWORD)
        )
        for model, row in (("backgroundjob", self.row), ("periodicjob", self.periodic_job)):
            change = reverse(f"admin:core_{model}_change", args=[row.pk])
            self.assertEqual(self.client.get(change).status_code, 200)
            self.assertEqual(self.client.post(change).status_code, 403)
            delete = reverse(f"admin:core_{model}_delete", args=[row.pk])
            self.assertEqual(self.client.post(delete).status_code, 403)
            add = reverse(f"admin:core_{model}_add")
            self.assertEqual(self.client.get(add).status_code, 403)
        self.assertNothingChanged()

    def test_list_is_filtered_by_state(self):
        note.enqueue()
        self.log_in("view_backgroundjob")
        failed = self.client.get(self.jobs, {"status": "FAILED"})
        self.assertContains(failed, "test_jobs.unsteady")
        self.assertNotContains(failed, "test_jobs.note")

    def test_list_needs_the_same_queries_for_many_jobs(self):
        self.log_in("view_backgroundjob")
        self.client.get(self.jobs)
        with CaptureQueriesContext(connection) as few:
            self.client.get(self.jobs)
        for _ in range(20):
            note.enqueue()
        with self.assertNumQueries(len(few)):
            self.client.get(self.jobs)

    def test_list_says_when_no_worker_runs(self):
        self.log_in("view_backgroundjob")
        with translation.override("en"):
            warning = "No worker is running"
            self.assertContains(
                self.client.get(self.jobs, headers={"accept-language": "en"}), warning
            )
            Runner("one").beat()
            response = self.client.get(self.jobs, headers={"accept-language": "en"})
        self.assertNotContains(response, warning)

    def test_library_s_own_list_is_gone(self):
        self.client.force_login(
            get_user_model().objects.create_superuser("wei", "wei@example.org", self.PASSWORD)
        )
        response = self.client.get(
            "/" + settings.ADMIN_PATH + "django_tasks_database/dbtaskresult/"
        )
        self.assertEqual(response.status_code, 404)
