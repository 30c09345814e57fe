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
span_of_both = { $hours } e { $minutes }
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
        [one] { $days } dia
       *[other] { $days } dias
    }
month =
    { $number ->
        [1] janeiro
        [2] fevereiro
        [3] março
        [4] abril
        [5] maio
        [6] junho
        [7] julho
        [8] agosto
        [9] setembro
        [10] outubro
        [11] novembro
       *[12] dezembro
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC de { $day } de { $month }
time_on_day = { $time } UTC de { $day } de { $month } de { $year }
