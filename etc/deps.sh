#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what building, testing and the lab need and is not there yet. Says so first; does nothing when
# all is there. Asterisk itself comes later: the lab makes a private root of it (see mqs-loadtest(1)).
set -eu

build="build-essential pkg-config libevent-dev libssl-dev libwslay-dev libhiredis-dev
	libcurl4-openssl-dev libjansson-dev libedit-dev libncurses-dev libinih-dev uthash-dev"
lab="redis-server redis-tools kamailio kamailio-redis-modules
	kamailio-sqlite-modules sqlite3 sip-tester mmdebstrap iproute2 procps"
checks="libcmocka-dev valgrind mandoc shellcheck libxml2-utils clang-format curl socat zsh fish"

missing=
for p in $build $lab $checks; do
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || {
		echo "make deps: these packages are missing and only root can install them:$missing" >&2
		echo "make deps: as root: apt-get install$missing" >&2
		exit 1
	}
	sudo=sudo
fi
echo "Installing with apt:$missing"
case $missing in
*redis-server* | *kamailio*)
	echo "Debian may start system services for redis-server and kamailio when they are installed; the lab"
	echo "neither uses nor touches them: it runs its own, on ports of its own."
	;;
esac
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the list is meant to be split
if ! $sudo apt-get install -y -q --no-install-recommends $missing; then
	$sudo apt-get update -q
	# shellcheck disable=SC2086
	$sudo apt-get install -y -q --no-install-recommends $missing
fi
