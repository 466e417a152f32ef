use super::*;

fn at(x: u16, y: u16) -> Spot {
    Spot { x, y }
}

fn drawn(sketch: &mut Sketch, tool: Tool, from: Spot, to: Spot, text: &str) -> bool {
    sketch.begin(tool, from, text) && {
        sketch.drag(to);
        sketch.finish()
    }
}

#[test]
fn marks_come_one_after_the_other_and_go_the_same_way() {
    let mut sketch = Sketch::default();
    assert!(!sketch.can_undo() && !sketch.is_changed());
    for tool in [Tool::Arrow, Tool::Box, Tool::Blur] {
        assert!(drawn(
            &mut sketch,
            tool,
            at(100, 100),
            at(4_000, 3_000),
            "left out"
        ));
    }
    assert!(sketch.marks().iter().all(|mark| mark.text.is_empty()));
    assert!(sketch.is_changed());
    sketch.undo();
    assert_eq!(sketch.marks().len(), 2);
    sketch.clear();
    assert!(sketch.marks().is_empty() && !sketch.is_changed());
    sketch.undo();
    assert_eq!(sketch.marks()[1].tool, Tool::Box, "clearing is a step too");
}

#[test]
fn a_slip_of_the_finger_draws_nothing() {
    let mut sketch = Sketch::default();
    let (from, near) = (at(5_000, 5_000), at(5_020, 5_030));
    for tool in [Tool::Arrow, Tool::Box, Tool::Blur] {
        assert!(!drawn(&mut sketch, tool, from, near, ""));
    }
    let flat = at(9_000, 5_010);
    assert!(!drawn(&mut sketch, Tool::Blur, from, flat, ""));
    assert!(drawn(&mut sketch, Tool::Arrow, from, flat, ""));
    assert!(!drawn(&mut sketch, Tool::Text, from, near, "  "));
    assert!(drawn(&mut sketch, Tool::Text, from, near, " 锈蚀 "));
    assert_eq!(sketch.marks()[1].text, "锈蚀");
}

#[test]
fn a_second_finger_and_a_gesture_of_the_system_change_nothing() {
    let mut sketch = Sketch::default();
    assert!(sketch.begin(Tool::Box, at(0, 0), ""));
    assert!(!sketch.begin(Tool::Arrow, at(9, 9), ""));
    sketch.drag(at(5_000, 5_000));
    assert_eq!((sketch.seen().len(), sketch.marks().len()), (1, 0));
    sketch.give_up();
    assert!(!sketch.finish() && sketch.seen().is_empty());
}

#[test]
fn what_was_saved_before_can_be_taken_back_too() {
    let mut first = Sketch::default();
    for x in [1_000, 2_000] {
        drawn(&mut first, Tool::Arrow, at(x, 0), at(x, 9_000), "");
    }
    let mut later = Sketch::of(first.marks().to_vec());
    assert!(later.had_marks() && !later.is_changed());
    later.undo();
    assert_eq!(later.marks(), &first.marks()[..1]);
    assert!(later.is_changed());
}

#[test]
fn a_finger_beside_the_picture_is_at_its_edge() {
    // A wide picture in a high frame: 100 pixels of nothing above and below.
    let on = |x, y| spot((10.0, 20.0), (300.0, 400.0), (1_920.0, 1_280.0), (x, y));
    assert_eq!(on(10.0, 120.0), at(0, 0));
    assert_eq!(on(160.0, 220.0), at(5_000, 5_000));
    assert_eq!(on(310.0, 320.0), at(10_000, 10_000));
    assert_eq!(on(-50.0, 999.0), at(0, 10_000));
    assert_eq!(
        spot((0.0, 0.0), (0.0, 0.0), (4.0, 3.0), (1.0, 1.0)),
        at(0, 0)
    );
}

#[test]
fn words_break_between_words_and_chinese_anywhere() {
    assert_eq!(wrap("", 8), Vec::<String>::new());
    assert_eq!(
        wrap("cable crosses the exit", 6),
        ["cable", "crosses the", "exit"]
    );
    assert_eq!(
        wrap("二楼东侧安全出口堆放纸箱", 8),
        ["二楼东侧安全出口", "堆放纸箱"]
    );
    assert_eq!(
        wrap("防火门常开，没有闭门器", 5),
        ["防火门常", "开，没有闭", "门器"]
    );
    assert_eq!(wrap("新ABCDEFGHIJ", 4), ["新", "ABCD", "EFGH", "IJ"]);
    assert_eq!(wrap("a\n b", 8), ["a b"]);
}

#[test]
fn no_line_is_wider_than_asked() {
    let texts = [
        "虚构市示例区很长很长的道路一百二十三弄四十五号楼，Example Industrial Park (Building No. 12)，测试！！！！",
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW iiiiiiii 31.2304000, 121.4737000（±9 米）",
    ];
    for text in texts {
        for ems in 2..40 {
            for line in wrap(text, ems) {
                let width: usize = line.chars().map(halves).sum();
                assert!(width <= 2 * ems, "{ems}: {line}");
            }
        }
    }
}

#[test]
fn a_drawing_holds_marks_and_stamp_in_lines() {
    let mut sketch = Sketch::default();
    drawn(
        &mut sketch,
        Tool::Text,
        at(1, 2),
        at(3, 4),
        "配电箱前堆放杂物并且没有留出通道",
    );
    drawn(
        &mut sketch,
        Tool::Text,
        at(1, 2),
        at(3, 4),
        "配电箱前堆放杂物并且没有留出通道一二三",
    );
    let stamp = vec!["很长的名字".repeat(10)];
    let drawing = Drawing::of(sketch.marks(), &stamp);
    let json: serde_json::Value = serde_json::from_str(&drawing.json()).unwrap();
    assert_eq!(json["marks"][0]["lines"].as_array().unwrap().len(), 1);
    assert_eq!(json["marks"][1]["lines"].as_array().unwrap().len(), 2);
    assert_eq!(
        json["marks"][1]["to"],
        serde_json::json!({ "x": 3, "y": 4 })
    );
    assert_eq!(json["stamp"].as_array().unwrap().len(), 2);
    assert!(Drawing::of(&[], &[]).is_nothing());
}
