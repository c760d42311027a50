#!/bin/sh
# Refuses an update on battery: a non-zero exit status ends the installation.
[ "$(cat /sys/class/power_supply/mains/online 2>/dev/null || echo 1)" = 1 ]
