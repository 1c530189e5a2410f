#!/bin/sh
# Plays a tone and titles to a mount of a running server with Liquidsoap's output.icecast, then ends.
# Usage: test/clients/liquidsoap.sh HOST PORT MOUNT KEY [FORMAT] [SECONDS] [put|source]
# FORMAT: mp3 (default), opus, vorbis, flac, aac. See README.md beside this file.
set -eu
if [ $# -lt 4 ]; then
  sed -n '2,4p' "$0" | sed 's/^# //' >&2
  exit 2
fi
host=$1 port=$2 mount=$3 key=$4 format=${5:-mp3} seconds=${6:-20} method=${7:-put}

case $format in
  mp3) encoder='%mp3(bitrate=128, stereo=true)' ;;
  opus) encoder='%opus(bitrate=64, channels=2)' ;;
  vorbis) encoder='%vorbis(quality=0.4)' ;;
  flac) encoder='%ogg(%flac)' ;;
  aac) encoder='%ffmpeg(format="adts", %audio(codec="aac", b="96k", ar=48000, channels=2))' ;;
  *) echo "unknown format: $format" >&2; exit 2 ;;
esac

script=$(mktemp --suffix=.liq)
trap 'rm -f "$script"' EXIT
# Liquidsoap refuses to run as root unless told.
cat > "$script" <<LIQ
settings.init.allow_root.set(true)
settings.log.stdout.set(true)
settings.log.file.set(false)
titles = ref(["Bản tin sáng", "Nhạc giữa giờ", "Dự báo thời tiết"])
def next() =
  title = list.hd(default="", !titles)
  titles := list.append(list.tl(!titles), [title])
  [("artist", "Đài xã"), ("title", title)]
end
s = insert_metadata(sine(440., amplitude=0.5))
thread.run(every=5., fun () -> s.insert_metadata(next()))
output.icecast($encoder, host="$host", port=$port, mount="$mount", user="source", password="$key", method="$method", icy_metadata="true", s)
LIQ

timeout --signal=TERM "$seconds" liquidsoap "$script" && status=0 || status=$?
# timeout(1) ends it on purpose.
[ "$status" -eq 124 ] || exit "$status"
