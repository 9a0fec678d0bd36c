# shellcheck shell=bash
# Sourced: what a part says in its log: how many passed, failed and were skipped, and what went wrong.

# count_results HOW STATUS LOG prints "passed failed skipped". A part that failed without naming a failed test (it did
# not compile, it was stopped) counts as one failure; status 3 means that it could not run, and says so in its log.
count_results() {
  local how=$1 status=$2 log=$3 p=0 f=0 s=0
  case $how in
    cargo)
      read -r p f s < <(awk '
        /^test result: / { for (i = 1; i < NF; i++) { if ($(i+1) ~ /^passed/) p += $i; if ($(i+1) ~ /^failed/) f += $i; if ($(i+1) ~ /^ignored/) s += $i } }
        # A test that could not run says so and passes: it is no passed test.
        /^skipped: / { s++; p-- }
        # It ran on one database and not on the other: what is missing is told beside what passed.
        /^not run on / { s++ }
        END { print p + 0, f + 0, s + 0 }' "$log") ;;
    node)
      read -r p f s < <(awk '
        $1 == "#" && $2 == "pass" { p += $3 }
        $1 == "#" && ($2 == "fail" || $2 == "cancelled") { f += $3 }
        $1 == "#" && ($2 == "skipped" || $2 == "todo") { s += $3 }
        END { print p + 0, f + 0, s + 0 }' "$log") ;;
    vitest)
      # "      Tests  1 failed | 12 passed | 1 skipped (14)"
      read -r p f s < <(sed 's/\x1b\[[0-9;]*m//g' "$log" | awk '
        /^ *Tests +/ { for (i = 2; i < NF; i++) { if ($(i+1) == "passed") p += $i; if ($(i+1) == "failed") f += $i; if ($(i+1) == "skipped" || $(i+1) == "todo") s += $i } }
        END { print p + 0, f + 0, s + 0 }') ;;
    check) [ "$status" != 0 ] || p=1 ;;
    silent) ;;
  esac
  if [ "$status" = 3 ]; then
    s=$((s + 1))
  elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
    f=1
  elif [ "$how" != check ] && [ "$how" != silent ] && [ $((p + f + s)) = 0 ]; then
    f=1 # a test runner that ran no test has not passed
    echo "this part ran no test" >>"$log"
  fi
  echo "$p $f $s"
}

# show_failures HOW LOG: what a person needs to see of a failed part, without the noise of what passed.
show_failures() {
  local how=$1 log=$2 found
  grep -hE '^(skipped: |not run on )' "$log" | sort | uniq -c | head -20 || true
  case $how in
    cargo | check | silent)
      found=$(awk '/^failures:$/ { on = 1 } /^(successes:|test result: )/ { on = 0 } on' "$log" | head -200)
      [ -n "$found" ] || found=$(grep -E -A12 '^error' "$log" | head -120 || true) ;;
    node) found=$(awk '/^ *not ok/ { on = 1 } /^ *ok / { on = 0 } on' "$log" | head -200) ;;
    *) found="" ;;
  esac
  if [ -n "$found" ]; then printf '%s\n' "$found"; else tail -n 60 "$log"; fi
}
