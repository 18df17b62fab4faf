# SPDX-License-Identifier: BSD-2-Clause
# Prints "event<TAB>field<TAB>file" for each field that a Lua script gives an event, and "event<TAB><TAB>file" for
# the event itself. Reads event('name', {field = value, ...}) and call_event('name', call, {...}).

function note(name, field) {
	printf "%s\t%s\t%s\n", name, field, file
}

# The fields of the table constructor that text begins with; what stands in deeper brackets is a value.
function fields(name, text, i, ch, depth, at_key) {
	for (i = 1; i <= length(text); i++) {
		ch = substr(text, i, 1)
		if (ch ~ /[{(\[]/) {
			at_key = ++depth == 1
		} else if (ch ~ /[})\]]/) {
			if (--depth == 0)
				return 1
		} else if (ch == "," && depth == 1) {
			at_key = 1
		} else if (at_key && match(substr(text, i), /^[a-z_]+ *=/)) {
			key = substr(text, i, RLENGTH - 1)
			sub(/ *$/, "", key)
			note(name, key)
			i += RLENGTH - 1
			at_key = 0
		}
	}
	return 0
}

function calls(text, of_call, name, rest) {
	while (match(text, /(call_)?event\('[a-z_]+',/)) {
		name = substr(text, RSTART, RLENGTH)
		rest = substr(text, RSTART + RLENGTH)
		of_call = name ~ /^call_event/
		gsub(/^[^']*'|',$/, "", name)
		note(name, "")
		if (of_call) {
			note(name, "call")
			note(name, "queue")
			note(name, "node")
			sub(/^[^{]*/, "", rest)
		}
		sub(/^ */, "", rest)
		if (substr(rest, 1, 1) != "{" || !fields(name, rest)) {
			printf "%s: %s is not followed by a table of fields\n", file, name > "/dev/stderr"
			failed = 1
		}
		text = rest
	}
}

FNR == 1 && NR > 1 { calls(all); all = "" }
FNR == 1 { file = FILENAME }
{ sub(/--.*/, ""); all = all $0 " " }
END { calls(all); exit failed }
