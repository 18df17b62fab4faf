#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each scenario of SIPp is well-formed XML.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0
for file in scenarios/*.xml tests/func/sip/*.xml; do
	[ -f "$file" ] || {
		echo "no $file"
		status=1
		continue
	}
	# SIPp's own DTD is named in some, but not at hand.
	xmllint --noout --nonet "$file" || status=1
done
exit "$status"
