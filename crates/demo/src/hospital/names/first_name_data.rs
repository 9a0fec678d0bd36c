//! Word stock of first names by sex and by the decade in which each was given most.

/// Peak decades, from the 1940s to the 2000s. Within a list the most given comes first.
pub const WOMEN: [&str; 7] = [
    "Monique Françoise Jacqueline Nicole Jeannine Danielle Michèle Denise Christiane Colette Ginette Yvette Josette \
     Annie Bernadette Marie-Thérèse Odette Simone Paulette Huguette Claudine Liliane Thérèse Marcelle Suzanne Renée",
    "Martine Chantal Brigitte Catherine Évelyne Dominique Jocelyne Marie-Claude Anne-Marie Joëlle Maryse Élisabeth \
     Marie-Christine Ghislaine Régine Josiane Geneviève Arlette Mireille Marie-France Gisèle Solange Éliane Odile",
    "Sylvie Véronique Nathalie Isabelle Corinne Christine Pascale Patricia Valérie Florence Agnès Laurence Béatrice \
     Fabienne Muriel Marie-Laure Marie-Pierre Nadine Hélène Sophie Carole Brigitte Anne Claire Frédérique Myriam",
    "Sandrine Stéphanie Karine Céline Delphine Virginie Christelle Séverine Sabrina Magali Laetitia Nadège Anne-Laure \
     Sandra Carine Peggy Vanessa Anne-Sophie Estelle Gaëlle Alexandra Emmanuelle Cécile Aurore Katia Ludivine",
    "Aurélie Émilie Élodie Julie Audrey Jennifer Mélanie Amandine Laura Marion Caroline Charlotte Cindy Jessica \
     Lucie Sarah Anaïs Aline Marie Noémie Élise Angélique Pauline Coralie Hélène Clémence Blandine Cyrielle Élisa",
    "Camille Manon Marine Mathilde Laurie Chloé Léa Justine Océane Morgane Margaux Alice Lisa Juliette Clara Solène \
     Eva Ophélie Marine Maëva Alexia Agathe Constance Inès Emma Fanny Louise Romane Victoire Mégane Andréa",
    "Lola Jade Zoé Ambre Lina Maëlys Lou Noa Clémentine Éléonore Capucine Apolline Héloïse Salomé Célia Yasmine \
     Assia Lilou Maélie Louna Nina Rose Anna Elsa Ninon Garance Philippine Diane Albane Hortense Sixtine Carla",
];

pub const MEN: [&str; 7] = [
    "Jean Michel Claude Bernard Jacques André Roger Pierre Marcel Guy René Robert Maurice Raymond Georges Henri \
     Daniel Serge Lucien Gérard Roland Yves Jean-Claude Louis Paul Fernand Albert Gilbert Edmond Émile",
    "Alain Christian Patrick Jean-Pierre Jean-Paul Francis Jean-Louis Jean-Marie Jean-Luc Dominique Marc Joël Gilles \
     Jean-François Denis Richard Régis Yvon Hervé Jean-Jacques Jean-Michel Lionel Guillaume Hubert Armand Elie",
    "Philippe Thierry Pascal Éric Laurent Bruno Didier Olivier Franck Frédéric Christophe Vincent Jean-Marc Hervé \
     François Dominique Xavier Stéphane Benoît Emmanuel Antoine Arnaud Fabrice Jean-Christophe Marc Joël Thibaut",
    "David Sébastien Jérôme Cédric Ludovic Grégory Yann Samuel Mickaël Jean-Baptiste Cyril Johann Fabien Régis \
     Pierre-Yves Alexandre Gaël Sylvain Damien Yannick Stéphane Loïc Erwan Raphaël Sacha Boris Mathias Bertrand",
    "Nicolas Julien Mathieu Guillaume Romain Anthony Thomas Jonathan Kévin Maxime Aurélien Adrien Benjamin Jérémy \
     Florian Clément Simon Rémi Mickaël Geoffrey Pierre Arnaud Matthieu Gaëtan Charles Tristan Étienne Cyrille",
    "Alexandre Quentin Valentin Corentin Dylan Bastien Antoine Théo Lucas Hugo Paul Louis Baptiste Alexis Victor \
     Jordan Tanguy Arthur Léo Robin Gabriel Martin Mathis Tom Charles-Henri Pierre-Louis Axel Dorian Killian",
    "Enzo Nathan Ethan Noah Mathéo Evan Jules Raphaël Rayan Timéo Tiago Malo Gaspard Achille Oscar Marius Félix \
     Maël Sacha Augustin Basile Titouan Célestin Noé Aurèle Côme Gustave Isaac Léon Anatole Ilyès Kylian",
];

/// Given elsewhere; drawn for those born abroad and, rarely, for others.
pub const WOMEN_AFAR: &str = "Fatima Khadija Aïcha Samira Nadia Leïla Yasmina Malika Naïma Zohra Maria Ana Carmen \
Lucia Paola Giulia Francesca Elena Irina Olga Svetlana Katarzyna Agnieszka Aminata Fatoumata Mariama Awa Ndeye \
Oumou Thi Linh Mai Hoa Lan Thu Priya Elif Ayse Ioana Mihaela Rocío Inês Hajar Salma Amina Soukaïna";
pub const MEN_AFAR: &str = "Mohamed Ahmed Ali Karim Rachid Youssef Mustapha Abdelkader Hassan Saïd Samir Farid \
Mehdi Nabil Omar João José Manuel Antonio Carlos Paulo Giovanni Marco Luca Andrei Mihai Ion Piotr Krzysztof Sergei \
Dmitri Mamadou Ousmane Ibrahima Abdoulaye Moussa Cheikh Minh Tuan Duc Mehmet Ahmet Rakoto Arjun Javier Bilal Walid";

/// A name that clerks once turned into a French one: as given, as written since.
pub const FRANCISED: &[(&str, &str)] = &[
    ("Maria", "Marie"),
    ("João", "Jean"),
    ("José", "Joseph"),
    ("Giovanni", "Jean"),
    ("Antonio", "Antoine"),
    ("Carlos", "Charles"),
    ("Paulo", "Paul"),
    ("Ana", "Anne"),
    ("Elena", "Hélène"),
    ("Lucia", "Lucie"),
    ("Marco", "Marc"),
    ("Luca", "Lucas"),
    ("Andrei", "André"),
    ("Mihai", "Michel"),
    ("Piotr", "Pierre"),
    ("Katarzyna", "Catherine"),
    ("Agnieszka", "Agnès"),
    ("Manuel", "Emmanuel"),
    ("Javier", "Xavier"),
    ("Francesca", "Françoise"),
    ("Paola", "Paule"),
    ("Ioana", "Jeanne"),
    ("Inês", "Agnès"),
    ("Giulia", "Julie"),
];

/// Pieces of rare first names.
pub const RARE_HEADS: &str = "Aë Ana Aria Bé Cé Cla Da Del Élo Éva Flo Gaë Gwe Héli Isa Jo Kéli La Lé Lo Maë Mé \
Nola Nori Ori Po Ro Sa Sélé Ta Thé Vi Ya Ysa Zé";
pub const RARE_WOMEN_TAILS: &str =
    "line lie na nie lyne riane dine thée wen liane ria mée rine vana nor";
pub const RARE_MEN_TAILS: &str =
    "ric mien nan doré ton wan rien dan lian mic nor vin ric-Marie than lin ric";
