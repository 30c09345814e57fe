# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } ora
       *[other] { $hours } ore
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minuti
    }
span_of_both = { $hours } e { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } secondo
       *[other] { $seconds } secondi
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minuti
    }
wait_hours =
    { $hours ->
        [one] { $hours } ora
       *[other] { $hours } ore
    }
wait_days =
    { $days ->
        [one] { $days } giorno
       *[other] { $days } giorni
    }
month =
    { $number ->
        [1] gennaio
        [2] febbraio
        [3] marzo
        [4] aprile
        [5] maggio
        [6] giugno
        [7] luglio
        [8] agosto
        [9] settembre
        [10] ottobre
        [11] novembre
       *[12] dicembre
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC del { $day } { $month }
time_on_day = { $time } UTC del { $day } { $month } { $year }
