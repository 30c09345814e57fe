# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } hora
       *[other] { $hours } horas
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }
span_of_both = { $hours } y { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } segundo
       *[other] { $seconds } segundos
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }
wait_hours =
    { $hours ->
        [one] { $hours } hora
       *[other] { $hours } horas
    }
wait_days =
    { $days ->
        [one] { $days } día
       *[other] { $days } días
    }
month =
    { $number ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC del { $day } de { $month }
time_on_day = { $time } UTC del { $day } de { $month } de { $year }
