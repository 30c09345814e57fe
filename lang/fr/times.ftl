# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } heure
       *[other] { $hours } heures
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
span_of_both = { $hours } et { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } seconde
       *[other] { $seconds } secondes
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } minute
       *[other] { $minutes } minutes
    }
wait_hours =
    { $hours ->
        [one] { $hours } heure
       *[other] { $hours } heures
    }
wait_days =
    { $days ->
        [one] { $days } jour
       *[other] { $days } jours
    }
month =
    { $number ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC le { $day } { $month }
time_on_day = { $time } UTC le { $day } { $month } { $year }
