# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } Stunde
       *[other] { $hours } Stunden
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }
span_of_both = { $hours } und { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } Sekunde
       *[other] { $seconds } Sekunden
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }
wait_hours =
    { $hours ->
        [one] { $hours } Stunde
       *[other] { $hours } Stunden
    }
wait_days =
    { $days ->
        [one] { $days } Tag
       *[other] { $days } Tagen
    }
month =
    { $number ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }
time_of_day = { $time } Uhr UTC
time_on_date = { $day }. { $month }, { $time } Uhr UTC
time_on_day = { $day }. { $month } { $year }, { $time } Uhr UTC
