### Spans and instants. Spans stand in sentences such as "The link works for 3 hours" and "until 18:45 UTC, 3 hours from now";
### waits in "Please try again in 3 hours".

span_hours =
    { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
span_of_both = { $hours } and { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
wait_hours =
    { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }
wait_days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
month =
    { $number ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC on { $day } { $month }
time_on_day = { $time } UTC on { $day } { $month } { $year }
