//! The benchmark's random numbers: the published bits, and the distribution that they should have.

use super::cluster::random::{Random, exp, ln};

#[test]
fn the_bits_are_those_of_the_published_generator() {
    let mut random = Random(1_234_567);
    let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
    assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn the_series_agree_with_the_platform() {
    for step in 1..400_i32 {
        let x = f64::from(step) * 0.037;
        assert!((ln(x) - x.ln()).abs() < 1e-14, "ln {x}");
        assert!((exp(x - 7.0) / (x - 7.0).exp() - 1.0).abs() < 1e-14, "exp {}", x - 7.0);
    }
}

#[test]
fn the_normal_numbers_are_normal() {
    let mut random = Random::named("normal");
    let drawn: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / 20_000.0;
    assert!(mean(&mut drawn.iter().copied()).abs() < 0.03);
    assert!((mean(&mut drawn.iter().map(|x| x * x)) - 1.0).abs() < 0.05);
    let beyond_two = mean(&mut drawn.iter().map(|x| f64::from(u8::from(x.abs() > 2.0))));
    assert!((beyond_two - 0.0455).abs() < 0.006, "{beyond_two}");
}

#[test]
fn every_number_below_comes() {
    let mut random = Random::named("below");
    let mut seen = [0; 7];
    for _ in 0..7_000 {
        seen[random.below(7)] += 1;
    }
    assert!(seen.iter().all(|times| (850..1150).contains(times)), "{seen:?}");
}
