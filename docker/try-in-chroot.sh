#!/usr/bin/env bash
# Carries out docker/Dockerfile without a container engine: every instruction in its order, each stage in a chroot of a fresh
# Debian 12 made by debootstrap. At the end the server is started as the image would start it and the health check must pass.
# Needs root and debootstrap. Usage: docker/try-in-chroot.sh [work folder]; a folder that is named is kept, and its base used again.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
keep=no
[ $# = 0 ] || keep=yes
work=${1:-$(mktemp -d "${TMPDIR:-/tmp}/loa-chroot-XXXXXX")}
base=$work/base
stage= workdir=/ user=root entrypoint= healthcheck=
declare -a settings=()
declare -A stages=()
server=

[ "$(id -u)" = 0 ] || { echo 'try-in-chroot: needs root (chroot)' >&2; exit 1; }
command -v debootstrap > /dev/null || { echo 'try-in-chroot: apt-get install -y debootstrap' >&2; exit 1; }

cleanup() {
  if [ -n "$server" ] && kill -TERM -- "-$server" 2> /dev/null; then
    # The whole group, for the roles hold the chroot's /dev open until they have ended.
    for _ in $(seq 100); do kill -0 -- "-$server" 2> /dev/null || break; sleep 0.1; done
    kill -KILL -- "-$server" 2> /dev/null || true
  fi
  for folder in "$work"/stage-*; do
    umount "$folder/proc" 2> /dev/null || true
    umount "$folder/dev" 2> /dev/null || true
  done
  if [ "$keep" = no ]; then rm -rf --one-file-system "$work"; fi
}
trap cleanup EXIT

say() { printf '\n== %s\n' "$*"; }

# Runs a command line in the stage, with the instructions' environment and no other. The machine's certificates are lent,
# for registries behind a proxy of their own.
inside() {
  local as=$1
  shift
  env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    "${settings[@]}" chroot --userspec="$as:$as" "$stage" /bin/sh -c "cd '$workdir' && $1" < /dev/null
}

lend_certificates() { install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$stage/etc/ssl/certs/ca-certificates.crt"; }

instruction() {
  local word=$1 rest=$2 from=$top option
  case $word in
    ARG) ;; # BASE stands for the debootstrapped Debian
    FROM)
      stage=$work/stage-${#stages[@]}
      cp -a "$base" "$stage"
      mount -t proc proc "$stage/proc"
      mount --bind /dev "$stage/dev"
      lend_certificates
      [[ $rest =~ AS\ (.+)$ ]] && stages[${BASH_REMATCH[1]}]=$stage || stages[final]=$stage
      workdir=/ user=root settings=()
      ;;
    WORKDIR) workdir=$rest && mkdir -p "$stage$rest" ;;
    ENV) settings+=("$rest") ;;
    USER) user=$rest ;;
    RUN) inside "$user" "$rest" && lend_certificates ;;
    COPY)
      read -ra words <<< "$rest"
      if [[ ${words[0]} == --from=* ]]; then
        option=${words[0]#--from=} from=${stages[${words[0]#--from=}]}
        words=("${words[@]:1}")
      fi
      local to=${words[-1]} source
      [[ $to == /* ]] || to=$workdir/${to#./}
      unset 'words[-1]'
      for source in "${words[@]}"; do
        if [ -d "$from/$source" ]; then mkdir -p "$stage$to" && cp -a "$from/$source/." "$stage$to/"
        else mkdir -p "$stage$to" && cp -a "$from/$source" "$stage$to/"; fi
      done
      ;;
    VOLUME | EXPOSE) ;;
    HEALTHCHECK) healthcheck=${rest#*CMD } ;;
    ENTRYPOINT) entrypoint=$(tr -d '[]",' <<< "$rest") ;;
    *) echo "try-in-chroot: does not know the instruction $word" >&2 && exit 1 ;;
  esac
}

if [ ! -d "$base" ]; then
  say "debootstrap of Debian 12 into $base"
  debootstrap --variant=minbase bookworm "$base" > "$work/debootstrap.log"
fi

# Continued lines are joined and comments left out, as the Dockerfile's own grammar has it.
while read -r word rest; do
  say "$word $rest"
  instruction "$word" "$rest"
done < <(grep -v '^#' "$top/docker/Dockerfile" | sed -e ':join' -e '/\\$/{N;s/\\\n[[:space:]]*/ /;b join}' -e '/^[[:space:]]*$/d')

say "as $user: $entrypoint"
du -shx "$stage" --exclude=./dev | cut -f1
settings+=("LOA_PORT=${LOA_PORT:-18000}" "LOA_STREAM_PORT=${LOA_STREAM_PORT:-18010}")
set -m
inside "$user" "exec $entrypoint" > "$work/server.log" 2>&1 &
server=$!
set +m
for _ in $(seq 60); do
  if inside "$user" "$healthcheck"; then
    say 'healthy'
    inside "$user" 'id; node --version'
    if inside "$user" 'ldd build/mediasoup/mediasoup-worker' | grep 'not found'; then
      echo "try-in-chroot: mediasoup's worker lacks libraries" >&2
      exit 1
    fi
    if ! inside "$user" "node -e \"fetch('http://127.0.0.1:' + process.env.LOA_PORT + '/').then((page) => page.text()).then((text) => process.exit(/src=.\/assets\//.test(text) ? 0 : 1))\""; then
      echo 'try-in-chroot: the console is not served' >&2
      exit 1
    fi
    exit 0
  fi
  kill -0 "$server" 2> /dev/null || { cat "$work/server.log" >&2; echo 'try-in-chroot: the server ended' >&2; exit 1; }
  sleep 0.5
done
cat "$work/server.log" >&2
echo 'try-in-chroot: not healthy after 30 s' >&2
exit 1
