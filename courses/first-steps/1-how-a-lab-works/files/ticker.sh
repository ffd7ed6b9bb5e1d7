# Writes the time into ticks.txt, once a second, until somebody stops it.
echo $$ > ticker.pid
while sleep 1; do
  date +%T >> ticks.txt
done
