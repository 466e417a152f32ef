//! Puts the functions of a program where brotli finds most in common: each after the one that it is most like. Nothing
//! else changes: the same functions, under other numbers.

use anyhow::{Context, Result, anyhow};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// A program in another order.
pub struct Ordered {
    /// The program.
    pub wasm: Vec<u8>,
    /// Its functions, imported ones first, by their number before.
    pub functions: Vec<u32>,
}

/// Orders the functions of a program by likeness: of several orders the one that `size` finds smallest. The same bytes give the
/// same order.
pub fn by_likeness(wasm: &[u8], size: impl Fn(&[u8]) -> Result<usize>) -> Result<Ordered> {
    let (imported, bodies) = read(wasm)?;
    let bodies = signed(&bodies);
    let mut best: Option<(usize, Ordered)> = None;
    for weights in WEIGHTS {
        let ordered = renumbered(wasm, imported, chain(bodies.clone(), weights))?;
        let size = size(&ordered.wasm)?;
        if best.as_ref().is_none_or(|(least, _)| size < *least) {
            best = Some((size, ordered));
        }
    }
    Ok(best.context("no order")?.1)
}

fn renumbered(wasm: &[u8], imported: u32, places: Vec<u32>) -> Result<Ordered> {
    let functions: Vec<u32> = (0..imported)
        .chain(places.iter().map(|place| imported + place))
        .collect();
    let mut numbers = vec![0; functions.len()];
    for (new, old) in (0u32..).zip(&functions) {
        *numbers.get_mut(*old as usize).context("a function twice")? = new;
    }
    let mut module = Module::new();
    Renumber { places, numbers }
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow!("{error}"))?;
    Ok(Ordered {
        wasm: module.finish(),
        functions,
    })
}

// How many functions are imported, and the bodies of the others.
fn read(wasm: &[u8]) -> Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                bodies.push(wasm.get(body.range()).context("a body outside the file")?);
            }
            _ => {}
        }
    }
    Ok((imported, bodies))
}

// Likeness is the share of equal runs of `RUN` bytes, by MinHash: A. Broder, "On the resemblance and containment of
// documents", 1997. Run length, number of hashes and the weights below were chosen by what brotli made of our programs.
const RUN: usize = 5;
const HASHES: usize = 96;

// What one equal hash counts.
const ONE: u32 = 256;

// How much of the likeness to those before the last one still counts, of 20, and what one step of length counts against it.
// Which pair is best for a program is chance, some hundred bytes of it.
const WEIGHTS: [(u32, u32); 4] = [(12, 256), (12, 512), (12, 1024), (16, 256)];

type Signature = [u8; HASHES];

fn signature(body: &[u8]) -> Signature {
    let mut least = [u64::MAX; HASHES];
    for run in body.windows(RUN) {
        let run = run.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        for (seed, least) in (1u64..).zip(&mut least) {
            *least = mixed(run ^ seed.rotate_right(24)).min(*least);
        }
    }
    least.map(|hash| hash.to_le_bytes()[0])
}

// The finishing step of SplitMix64: G. Steele et al., "Fast splittable pseudorandom number generators", 2014.
fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[derive(Clone)]
struct Body {
    place: u32,
    // The power of two below its length.
    magnitude: u32,
    signature: Signature,
    // To those that stand at the end of the order, the last one most.
    likeness: u32,
}

fn signed(bodies: &[&[u8]]) -> Vec<Body> {
    let one = |(place, body): (u32, &&[u8])| Body {
        place,
        magnitude: body.len().max(1).ilog2(),
        signature: signature(body),
        likeness: 0,
    };
    let mut bodies: Vec<Body> = (0..).zip(bodies).map(one).collect();
    // The chain begins with the shortest.
    bodies.sort_by_key(|body| (body.magnitude, body.place));
    bodies
}

// From the shortest on, always the one that is most like those just before it. Whole numbers only: every machine has to
// come to the same order.
fn chain(mut left: Vec<Body>, (memory, step): (u32, u32)) -> Vec<u32> {
    let mut next = 0;
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let last = left.swap_remove(next);
        let mut best = None;
        for (at, body) in left.iter_mut().enumerate() {
            let pairs = body.signature.iter().zip(&last.signature);
            let equal: u32 = pairs.map(|(a, b)| u32::from(a == b)).sum();
            body.likeness = body.likeness * memory / 20 + equal * ONE;
            let unlike = body.magnitude.abs_diff(last.magnitude) * step;
            let now = i64::from(body.likeness) - i64::from(unlike);
            if best.is_none_or(|(most, _)| now > most) {
                best = Some((now, at));
            }
        }
        order.push(last.place);
        next = best.map_or(0, |(_, at)| at);
    }
    order
}

struct Renumber {
    // The bodies in their new order, by their place before.
    places: Vec<u32>,
    // The new number of each function.
    numbers: Vec<u32>,
}

type Reencoded<T> = Result<T, reencode::Error<anyhow::Error>>;

impl Renumber {
    // `all` in the new order.
    fn ordered<T: Clone>(&self, all: &[T]) -> Reencoded<Vec<T>> {
        let one = |place: &u32| all.get(*place as usize).cloned().ok_or_else(unknown);
        self.places.iter().map(one).collect()
    }
}

fn unknown() -> reencode::Error<anyhow::Error> {
    reencode::Error::UserError(anyhow!("a function that is not there"))
}

impl Reencode for Renumber {
    type Error = anyhow::Error;

    fn function_index(&mut self, function: u32) -> Reencoded<u32> {
        let number = self.numbers.get(function as usize);
        number.copied().ok_or_else(unknown)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Reencoded<()> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for kind in self.ordered(&types)? {
            functions.function(self.type_index(kind)?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Reencoded<()> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for body in self.ordered(&bodies)? {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
        ImportSection, TableSection, TableType, TypeSection,
    };

    // Function `n` puts `n` on the stack `lengths[n]` times and calls the next one, the last one the import.
    fn program(lengths: &[usize]) -> Vec<u8> {
        let count = u32::try_from(lengths.len()).unwrap();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("js", "f", EntityType::Function(0));
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (number, length) in (1..).zip(lengths) {
            functions.function(0);
            let mut body = Function::new([]);
            for _ in 0..*length {
                body.instructions().i32_const(number).drop();
            }
            let next = u32::try_from(number).unwrap() % count + 1;
            body.instructions()
                .call(if next == 1 { 0 } else { next })
                .end();
            code.function(&body);
        }
        let mut tables = TableSection::new();
        tables.table(TableType {
            element_type: wasm_encoder::RefType::FUNCREF,
            table64: false,
            minimum: u64::from(count),
            maximum: None,
            shared: false,
        });
        let mut exports = ExportSection::new();
        exports.export("first", ExportKind::Func, 1);
        let mut elements = ElementSection::new();
        let listed: Vec<u32> = (1..=count).collect();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions(listed.into()),
        );
        let mut module = Module::new();
        module
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&tables);
        module.section(&exports).section(&elements).section(&code);
        module.finish()
    }

    // The number that each function puts on the stack, and the function that it calls.
    fn told(wasm: &[u8]) -> Vec<(i32, u32)> {
        let bodies = Parser::new(0)
            .parse_all(wasm)
            .filter_map(|payload| match payload.unwrap() {
                Payload::CodeSectionEntry(body) => Some(body),
                _ => None,
            });
        let one = |body: wasmparser::FunctionBody<'_>| {
            let (mut number, mut next) = (0, 0);
            for operator in body.get_operators_reader().unwrap() {
                match operator.unwrap() {
                    wasmparser::Operator::I32Const { value } => number = value,
                    wasmparser::Operator::Call { function_index } => next = function_index,
                    _ => {}
                }
            }
            (number, next)
        };
        bodies.map(one).collect()
    }

    #[test]
    fn every_function_is_there_once_and_calls_what_it_called() {
        let wasm = program(&[40, 3, 900, 1, 41, 2]);
        let ordered = by_likeness(&wasm, |_| Ok(0)).unwrap();
        assert_eq!(ordered.wasm.len(), wasm.len());
        assert_eq!(ordered.functions[0], 0, "the import keeps its number");
        let before = told(&wasm);
        let after = told(&ordered.wasm);
        for (place, (number, next)) in after.iter().enumerate() {
            let old = ordered.functions[place + 1];
            let (was, called) = before[old as usize - 1];
            assert_eq!(*number, was);
            assert_eq!(ordered.functions[*next as usize], called);
        }
        let mut numbers: Vec<i32> = after.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers[0], 4, "the shortest comes first");
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn exports_and_tables_follow_and_the_order_is_always_the_same() {
        let wasm = program(&[40, 3, 900, 1, 41, 2]);
        let ordered = by_likeness(&wasm, |_| Ok(0)).unwrap();
        let now = |old: u32| {
            let place = ordered.functions.iter().position(|f| *f == old).unwrap();
            u32::try_from(place).unwrap()
        };
        for payload in Parser::new(0).parse_all(&ordered.wasm) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    assert_eq!(section.into_iter().next().unwrap().unwrap().index, now(1));
                }
                Payload::ElementSection(section) => {
                    let element = section.into_iter().next().unwrap().unwrap();
                    let wasmparser::ElementItems::Functions(listed) = element.items else {
                        panic!("a list of functions");
                    };
                    let listed: Vec<u32> = listed.into_iter().map(Result::unwrap).collect();
                    assert_eq!(listed, (1..=6).map(now).collect::<Vec<_>>());
                }
                _ => {}
            }
        }
        assert_eq!(by_likeness(&wasm, |_| Ok(0)).unwrap().wasm, ordered.wasm);
    }
}
