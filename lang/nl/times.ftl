# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } uur
       *[other] { $hours } uur
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } minuut
       *[other] { $minutes } minuten
    }
span_of_both = { $hours } en { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } seconde
       *[other] { $seconds } seconden
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } minuut
       *[other] { $minutes } minuten
    }
wait_hours =
    { $hours ->
        [one] { $hours } uur
       *[other] { $hours } uur
    }
wait_days =
    { $days ->
        [one] { $days } dag
       *[other] { $days } dagen
    }
month =
    { $number ->
        [1] januari
        [2] februari
        [3] maart
        [4] april
        [5] mei
        [6] juni
        [7] juli
        [8] augustus
        [9] september
        [10] oktober
        [11] november
       *[12] december
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC op { $day } { $month }
time_on_day = { $time } UTC op { $day } { $month } { $year }
