//! Several files as one script, so that each is applied to what those before it have made.

use integratedb_claim::simulate::row::Row;

/// Ends whatever statement a file leaves open at its end, as psql does.
const BETWEEN: &str = "\n;\n";

/// The files, put together.
pub struct Script {
    text: String,
    /// Each file's name and the lines before it.
    files: Vec<(String, usize)>,
}

impl Script {
    /// Of files by name and text.
    pub fn of(files: Vec<(String, String)>) -> Script {
        let mut script = Script { text: String::new(), files: Vec::new() };
        let mut lines = 0;
        for (name, text) in files {
            if !script.files.is_empty() {
                script.text.push_str(BETWEEN);
                lines += line_breaks(BETWEEN);
            }
            script.files.push((name, lines));
            lines += line_breaks(&text);
            script.text.push_str(&text);
        }
        script
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of the files.
    pub fn names(&self) -> String {
        self.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The rows of each file, with lines counted in it.
    pub fn by_file(self, rows: Vec<Row>) -> Vec<(String, Vec<Row>)> {
        let mut by_file: Vec<(String, Vec<Row>)> =
            self.files.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
        for mut row in rows {
            let position = self.files.iter().rposition(|(_, before)| row.line > *before).unwrap_or_default();
            row.line -= self.files[position].1;
            by_file[position].1.push(row);
        }
        by_file
    }
}

fn line_breaks(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_counted_in_its_own_file() {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let script = Script::of(vec![file("a", "one;\ntwo"), file("b", ""), file("c", "\n\nthree;\n")]);
        assert_eq!(script.text(), "one;\ntwo\n;\n\n;\n\n\nthree;\n");
        let line = |word: &str| script.text().lines().position(|line| line.starts_with(word)).unwrap() + 1;
        let rows = ["one", "two", "three"].map(|word| Row::new(1, line(word), word.into(), None)).into();
        let found: Vec<(String, Vec<(usize, String)>)> = script
            .by_file(rows)
            .into_iter()
            .map(|(name, rows)| (name, rows.into_iter().map(|row| (row.line, row.statement)).collect()))
            .collect();
        let expected = [("a", vec![(1, "one"), (2, "two")]), ("b", vec![]), ("c", vec![(3, "three")])];
        let expected: Vec<(String, Vec<(usize, String)>)> = expected
            .into_iter()
            .map(|(name, rows)| (name.to_owned(), rows.into_iter().map(|(l, s)| (l, s.to_owned())).collect()))
            .collect();
        assert_eq!(found, expected);
    }
}
