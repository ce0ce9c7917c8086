# Sourced. serval_usage "$@": on -h or --help prints the script's first comment and ends; refuses any other option.
serval_usage() {
  local word
  for word; do
    case "$word" in
      -h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit 0 ;;
      -*) printf '%s: unknown option %s; --help explains\n' "$(basename "$0")" "$word" >&2; exit 2 ;;
    esac
  done
}
