//! Relations and who depends on them, as Mermaid text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// As many relations are drawn, and as many dependencies: a browser gives up on more.
pub const MANY: usize = 400;

/// What depends on what.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Relations by path, and whether each is a view.
    pub relations: BTreeMap<String, bool>,
    /// Who claims what: stakeholder, path, and whether some of it is not met.
    pub claims: BTreeMap<(String, String), bool>,
    /// Views that read: view and what it reads.
    pub reads: BTreeSet<(String, String)>,
    /// Foreign keys: from and to.
    pub references: BTreeSet<(String, String)>,
}

impl Graph {
    /// A Mermaid flowchart. Nodes are numbered and names stand in labels only, so that no name is taken for a part of the
    /// diagram.
    pub fn mermaid(&self) -> String {
        let mut text = String::from("flowchart LR\n");
        let stakeholders: BTreeSet<&str> = self.claims.keys().map(|(stakeholder, _)| stakeholder.as_str()).collect();
        let number = |all: &mut dyn Iterator<Item = String>| -> BTreeMap<String, usize> {
            all.take(MANY).enumerate().map(|(number, name)| (name, number + 1)).collect()
        };
        let relations = number(&mut self.relations.keys().cloned());
        let stakeholders_by_name = number(&mut stakeholders.iter().map(|&name| name.to_owned()));
        for (name, number) in &stakeholders_by_name {
            let _ = writeln!(text, "    s{number}([\"{}\"])", label(name));
        }
        for (path, number) in &relations {
            let (open, close) = if self.relations[path] { ("[/\"", "\"/]") } else { ("[\"", "\"]") };
            let _ = writeln!(text, "    r{number}{open}{}{close}", label(path));
        }
        let mut lines = Vec::new();
        for ((stakeholder, path), is_unmet) in &self.claims {
            if let (Some(from), Some(to)) = (stakeholders_by_name.get(stakeholder), relations.get(path)) {
                let arrow = if *is_unmet { "-. not met .->" } else { "-->" };
                lines.push(format!("    s{from} {arrow} r{to}"));
            }
        }
        for (all, arrow) in [(&self.reads, "-- reads -->"), (&self.references, "-- references -->")] {
            for (from, to) in all {
                if let (Some(from), Some(to)) = (relations.get(from), relations.get(to)) {
                    lines.push(format!("    r{from} {arrow} r{to}"));
                }
            }
        }
        let left_out = self.relations.len().saturating_sub(MANY)
            + stakeholders.len().saturating_sub(MANY)
            + lines.len().saturating_sub(MANY);
        for line in lines.into_iter().take(MANY) {
            let _ = writeln!(text, "{line}");
        }
        if left_out > 0 {
            let _ = writeln!(text, "    more[\"{left_out} more are left out\"]");
        }
        text
    }
}

/// A name in a label: whatever is not a plain letter is written by its number.
fn label(name: &str) -> String {
    name.chars().fold(String::new(), |mut label, letter| {
        if letter.is_alphanumeric() || matches!(letter, '_' | '.' | ' ') {
            label.push(letter);
        } else {
            let _ = write!(label, "#{};", u32::from(letter));
        }
        label
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Graph {
        let mut graph = Graph::default();
        graph.relations.insert("public.orders".into(), false);
        graph.relations.insert("public.paid".into(), true);
        graph.claims.insert(("reporter".into(), "public.orders".into()), false);
        graph.claims.insert(("warehouse".into(), "public.paid".into()), true);
        graph.reads.insert(("public.paid".into(), "public.orders".into()));
        graph.references.insert(("public.nowhere".into(), "public.orders".into()));
        graph
    }

    #[test]
    fn relations_stakeholders_and_what_is_between_are_drawn() {
        let expected = "flowchart LR
    s1([\"reporter\"])
    s2([\"warehouse\"])
    r1[\"public.orders\"]
    r2[/\"public.paid\"/]
    s1 --> r1
    s2 -. not met .-> r2
    r2 -- reads --> r1
";
        assert_eq!(graph().mermaid(), expected);
    }

    #[test]
    fn no_name_breaks_out_of_its_label() {
        let mut graph = Graph::default();
        let hostile = "x\"]\n    click s1 \"javascript:alert(1)\"; end #quot; <b>`%%";
        graph.relations.insert(hostile.into(), false);
        graph.claims.insert(("a".into(), hostile.into()), false);
        let text = graph.mermaid();
        assert_eq!(text.lines().count(), 4);
        let line = text.lines().nth(2).unwrap();
        let inside = line.trim().strip_prefix("r1[\"").and_then(|rest| rest.strip_suffix("\"]")).unwrap();
        assert!(!inside.contains(['"', '<', '>', '`', '%', '(', ')', '[', ']', '\n']));
    }

    #[test]
    fn its_size_is_bounded() {
        let mut graph = Graph::default();
        for number in 0..1000 {
            graph.relations.insert(format!("public.t{number:04}"), false);
            graph.claims.insert(("a".into(), format!("public.t{number:04}")), false);
        }
        let text = graph.mermaid();
        assert_eq!(text.lines().count(), 1 + 1 + MANY + MANY + 1);
        assert!(text.ends_with("more[\"600 more are left out\"]\n"));
    }
}
