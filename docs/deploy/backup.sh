#!/bin/sh
# A copy of everything of value: database, pictures, settings. To /etc/cron.daily/caisu-backup (no
# dot in the name, or cron passes it by); see docs/deploy.md for the way back.
set -eu
umask 077

site=${CAISU_HOME:-/srv/caisu}
backups=${CAISU_BACKUPS:-/var/backups/caisu}
days=14

cd "$site"
mkdir -p "$backups"
name=$backups/$(date +%F)
url=$(sed -n 's/^DATABASE_URL=//p' var/local.env | tail -n 1 | tr -d "\"'")

# Into a file of another name first: a backup that broke off does not pass for one.
case $url in
    "")
        sqlite3 var/db.sqlite3 ".backup '$name.part'"
        mv "$name.part" "$name.sqlite3"
        ;;
    postgres*)
        owner=$(stat --format=%U var/local.env)
        runuser -u "$owner" -- pg_dump --format=custom "$(echo "$url" | sed 's/^postgres[a-z]*:/postgresql:/')" >"$name.part"
        mv "$name.part" "$name.dump"
        ;;
    *)
        echo "caisu-backup: cannot copy this kind of database" >&2
        exit 1
        ;;
esac
cp var/local.env "$name.env"
# A picture never changes under its name, so that new ones are all there is to copy.
cp --archive --update var/media "$backups/"

find "$backups" -maxdepth 1 -type f -name '20*' -mtime "+$days" -delete
