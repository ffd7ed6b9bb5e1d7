# Prints the average of the numbers in readings.txt.
total=0
count=0
while read -r number; do
  # add the number to the total here
  count=$((count + 1))
done < readings.txt
echo $((total / count))
