//! Takes comments and indentation out of our own CSS and of the JavaScript that goes with the wasm.
//!
//! Deliberately no minifier: line by line, so that what the browser shows is still readable.

/// CSS without comments and indentation.
pub fn css(source: &str) -> String {
    let mut rest = source;
    let mut bare = String::with_capacity(source.len());
    while let Some(start) = rest.find("/*") {
        bare.push_str(&rest[..start]);
        rest = rest[start..]
            .find("*/")
            .map_or("", |end| &rest[start + end + 2..]);
    }
    bare.push_str(rest);
    trim_lines(&bare)
}

/// JavaScript without indentation, doc comments and lines that are only a comment. Comments behind
/// code stay: telling them from strings would need a parser.
pub fn js(source: &str) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(source.len());
    for line in source.lines().map(str::trim) {
        if inside || line.starts_with("/*") {
            inside = !line.contains("*/");
        } else if !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    trim_lines(&kept)
}

fn trim_lines(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for line in source.lines().map(str::trim).filter(|l| !l.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn css_loses_comments_and_indentation_only() {
        assert_eq!(
            css("/* a\n b */\n.x{\n  color:red; /* c */ gap:1px\n}\n"),
            ".x{\ncolor:red;  gap:1px\n}\n"
        );
    }

    #[test]
    fn js_loses_whole_comment_lines_and_keeps_everything_else() {
        let source = "/**\n * doc\n */\n// note\nlet a = 'x // y'; // z\n  /* one */\n\n  f(a);\n";
        assert_eq!(js(source), "let a = 'x // y'; // z\nf(a);\n");
    }
}
