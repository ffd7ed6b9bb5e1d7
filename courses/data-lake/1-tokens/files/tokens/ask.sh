# Asks a storage element for something and prints its verdict: bash tokens/ask.sh METHOD ELEMENT PATH [TOKEN FILE]
# Without the fourth word it shows the token that BEARER_TOKEN_FILE names.
method=$1 element=$2 path=$3 token=${4:-$BEARER_TOKEN_FILE}
case $element in
  cnaf) port=31451 ;;
  napoli) port=31452 ;;
  archive) port=31453 ;;
  *) echo "There is no element $element: cnaf, napoli or archive."; exit 2 ;;
esac
send=()
[ "$method" = PUT ] && send=(--upload-file tokens/hello.txt)
[ "$method" = HEAD ] && send=(--head)
status=$(curl --silent --show-error --output /dev/null --write-out '%{http_code}' --request "$method" "${send[@]}" \
  --oauth2-bearer "$(cat "$token")" "https://$element.palestra.test:$port/rucio/$path") || exit
case $status in
  2??) verdict=yes ;;
  401 | 403) verdict="no, you may not" ;;
  404) verdict="there is nothing" ;;
  *) verdict="something else" ;;
esac
printf '%-7s %-8s %-40s %s  %s\n' "$method" "$element" "/$path" "$status" "$verdict"
