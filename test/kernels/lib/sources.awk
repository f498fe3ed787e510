# Reads apt sources (deb822 and one-line format) and prints one deb822 stanza for SUITE with the machine's Debian mirror
# and keys. A security suite takes the mirror of the machine's security suite, if any.

function is_security(suites) { return suites ~ /-security( |\/|$)|\/updates( |$)/ }

function consider(uri, suites, components, options,    rank) {
	if ((" " components " ") !~ / main /) return
	rank = 0
	if (is_security(suites) == is_security(SUITE)) rank += 4
	if (uri ~ /\/debian(-security)?\/?$/) rank += 2
	if ((" " suites " ") ~ (" " CODENAME "(-security)? ")) rank += 1
	if (rank > best) {
		best = rank
		best_uri = uri
		best_security = is_security(suites)
		best_options = options
	}
}

function end_of_stanza() {
	if (types ~ /(^| )deb( |$)/ && enabled !~ /^(no|false|0)/) consider(uri, suites, components, options)
	types = uri = suites = components = options = enabled = field = ""
}

FNR == 1 { end_of_stanza() }

/^[ \t]*#/ { next }

FILENAME ~ /\.sources$/ {
	if ($0 ~ /^[ \t]*$/) { end_of_stanza(); next }
	if ($0 ~ /^[^ \t]/) {
		field = tolower($0)
		sub(/:.*/, "", field)
		value = $0
		sub(/^[^:]*:[ \t]*/, "", value)
	} else value = $0
	if (field == "types") types = types " " value
	else if (field == "uris" && !uri && split(value, words) > 0) uri = words[1]
	else if (field == "suites") suites = suites " " value
	else if (field == "components") components = components " " value
	else if (field == "enabled") enabled = value
	else if (field ~ /^(signed-by|trusted|allow-.*|check-.*)$/) options = options $0 "\n"
	next
}

$1 == "deb" {
	line = $0
	sub(/^[ \t]*deb[ \t]+/, "", line)
	options = ""
	if (match(line, /^\[[^]]*\]/)) {
		count = split(substr(line, 2, RLENGTH - 2), pairs, /[ \t]+/)
		line = substr(line, RLENGTH + 1)
		for (i = 1; i <= count; i++)
			if (pairs[i] ~ /^(signed-by|trusted|allow-[^=]*|check-[^=]*)=/) {
				sub(/=/, ": ", pairs[i])
				options = options pairs[i] "\n"
			}
	}
	count = split(line, words, /[ \t]+/)
	first = words[1] == "" ? 2 : 1
	components = ""
	for (i = first + 2; i <= count; i++) components = components " " words[i]
	consider(words[first], words[first + 1], components, options)
	options = components = ""
}

END {
	end_of_stanza()
	if (!best) exit 1
	if (is_security(SUITE) && !best_security) sub(/\/debian\/?$/, "/debian-security", best_uri)
	if (!is_security(SUITE) && best_security) sub(/\/debian-security\/?$/, "/debian", best_uri)
	printf "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: %s\n%s", best_uri, SUITE, ARCH, best_options
}
