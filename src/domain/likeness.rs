/// What a name looks like to a reader: the same for names that are easily taken for one another. Signs between letters go,
/// digits become the letters that they stand for, letters of other alphabets those of the Latin one (after the confusables of
/// Unicode Technical Standard 39, as far as they look like a-z).
pub fn likeness(name: &str) -> String {
    let looks_like = |sign: char| match sign {
        '0' | 'о' | 'ο' | 'օ' | 'ө' => Some('o'),
        '1' | 'i' | '|' | 'і' | 'ι' | 'ӏ' | 'ı' => Some('l'),
        '3' | 'е' | 'ё' => Some('e'),
        '4' | 'а' | 'α' => Some('a'),
        '5' | 'ѕ' => Some('s'),
        '6' | '8' => Some('b'),
        '7' | 'т' | 'τ' => Some('t'),
        '9' => Some('g'),
        'р' | 'ρ' => Some('p'),
        'с' => Some('c'),
        'у' => Some('y'),
        'х' => Some('x'),
        'ԁ' => Some('d'),
        'һ' => Some('h'),
        'к' | 'κ' => Some('k'),
        'м' => Some('m'),
        'ν' => Some('v'),
        'ω' => Some('w'),
        sign if sign.is_alphanumeric() => Some(sign),
        _ => None,
    };
    let letters: String = name.chars().flat_map(char::to_lowercase).filter_map(looks_like).collect();
    letters.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_taken_for_one_another_look_the_same() {
        for (one, other) in [
            ("alice", "a1ice"),
            ("alice", "\u{430}lice"),
            ("alice", "al.ice_"),
            ("admin", "adm1n"),
            ("root", "r00t"),
            ("modern", "rnodem"),
            ("claire", "dalre"),
        ] {
            assert_eq!(likeness(one), likeness(other), "{one}, {other}");
        }
        assert_ne!(likeness("alice"), likeness("malice"));
    }
}
