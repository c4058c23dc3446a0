fn main() {
    println!("sum {}", (1..=100).sum::<i32>());
}
