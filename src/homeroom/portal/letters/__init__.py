"""What is printed: letters and cards as tagged PDF, and the codes and words that stand on them. Knows neither database nor people."""
