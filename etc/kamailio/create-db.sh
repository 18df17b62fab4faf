#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes the SQLite files in which Kamailio keeps contacts and calls over a restart, and the phones' passwords (set by
# phone-password.sh): create-db.sh [DIR]. For their owner alone to read.
# Files that are there already stay as they are. Needs sqlite3, and the tables that come with Debian's
# kamailio-sqlite-modules.
set -eu
umask 077
dir=${1:-/var/lib/kamailio}
tables=${KAMAILIO_TABLES:-/usr/share/kamailio/db_sqlite}

make_db() { # make_db FILE TABLES: whole or not at all
	[ ! -e "$dir/$1" ] || return 0
	rm -f "$dir/$1.new"
	# Readers don't stop the writer, and no write waits for the disk: a property of the file.
	{
		echo "PRAGMA journal_mode=WAL; BEGIN;"
		cat "$tables/standard-create.sql" "$tables/$2-create.sql"
		echo "COMMIT;"
	} | sqlite3 -bail "$dir/$1.new" >/dev/null
	mv "$dir/$1.new" "$dir/$1"
}

[ -e "$tables/usrloc-create.sql" ] || {
	echo "$0: no $tables/usrloc-create.sql; install kamailio-sqlite-modules, or name the directory in KAMAILIO_TABLES" >&2
	exit 1
}
[ -w "$dir" ] || {
	echo "$0: $dir is no directory that $(id -un) can write to; as root: install -d -o $(id -un) $dir" >&2
	exit 1
}
make_db mqs-contacts.db usrloc
make_db mqs-calls.db dialog
make_db mqs-phones.db auth_db
