title = 質問
asked = 質問 { $count } 件
