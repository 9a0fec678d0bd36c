//! Word stock of surnames: common forms as they are borne by thousands, and the pieces from which
//! the long tail is composed. No list of people was used.

/// Most common first: the order is the rank in the law of Zipf and Mandelbrot.
pub const COMMON: &str = "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel \
Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller \
Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin \
Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer \
Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche \
Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier \
Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte Lopez Jean Dupuy Guillot \
Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps Huet Vasseur Perez Boucher Fleury Royer Klein \
Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard Baron Bertin \
Bailly Hervé Schneider Fernandez Collet Léger Bouvier Julien Prévost Millet Perrot Daniel Cousin Germain Breton \
Besson Langlois Rémy Pelletier Lévêque Perrier Leblanc Barré Lebrun Marchal Weber Mallet Hamon Boulanger Jacob \
Monnier Michaud Rodriguez Guichard Gillet Étienne Grondin Poulain Tessier Chevallier Collin Chauvin Bouchet Gay \
Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau Perret Barthélemy Cordier Pichon Lejeune Gilbert Lamy \
Delaunay Pasquier Carlier Laporte Gros Buisson Blanchet Hamel Briand Georges Coulon Texier Camus Ferrand Fischer \
Voisin Launay Couturier Delattre Salmon Regnier Maillot Bigot Pascal Charrier Laine Marion Besnard Chartier \
Lesage Guillou Verdier Albert Leconte Tanguy Hardy Allard Bodin Ferreira Ruiz Bouquet Jourdan Dijoux Didier \
Delmas Pons Guyon Boutin Barbe Merle Delage Navarro Leduc Auger Hébert Wagner Maurice Zimmermann Techer Lebon \
Lombard Allain Godard Valentin Ollivier Blin Peltier Imbert Mahé Bourdon Devaux Vallet Gomes Lacombe Seguin \
Grenier Bazin Levy Rossi Rousset Alexandre Toussaint Guibert Descamps Bruneau Guillet Teixeira Bousquet Boulay \
Delorme Vallée Berthelot Gosselin Evrard Loiseau Sauvage Diaz Couderc Maurin Thierry Duhamel Chauvet Nguyen \
Blondel Raynaud Tournier Doucet Jacques Turpin Maury Guillemin Guilbert Lelièvre Lagarde Ribeiro Valette Neveu \
Rocher Pineau Hernandez Marin Jacquot Pottier Grand Fouquet Besse Lebreton Hoareau Combes Baudry Riou Chauveau \
Dupré Laborde Ferrer Lefort Normand Prigent Bouchard Rivet Grégoire Barthe Bourdin Chambon Gallet \
Ledoux Favre Lasserre Courtois Morvan Labbé Comte Samson Brossard Pages Vaillant Bonneau Duclos Delahaye \
Kieffer Ducrocq Blot Cornu Levasseur Schwartz Rousselle Becker Sabatier Thiébaut Hoffmann Rault Drouet Maurel \
Guérard Bouvet Cochet Parent Jourdain Foucher Peyre Bonnin Ménager Leblond Lefranc Coste Jung Bernier Gaudin \
Charbonnier Gicquel Pruvost Bocquet Duprat Constant Ricard Lamotte Marquet Gaubert Bonnard Cartier Castel";

/// Names of people who came from elsewhere, or whose parents did.
pub const FOREIGN: &str = "Da Silva|Dos Santos|Pereira|De Oliveira|Rodrigues|Gonçalves|Fernandes|Lopes|Marques|Alves|\
Carvalho|De Sousa|Da Costa|Pinto|Moreira|Benali|Ben Amar|Bouzid|Benkhelifa|Haddad|Belkacem|Khelifi|Mansouri|\
El Amrani|El Idrissi|Bennani|Alaoui|Cherif|Saïdi|Brahimi|Hamidi|Rahmani|Ziani|Bouaziz|Trabelsi|Ben Salah|\
Nguyen|Tran|Pham|Huynh|Vo|Le Van|Bui|Dang|Phan|Hoang|Diallo|Traoré|Keïta|Diarra|Coulibaly|Cissé|Camara|Diop|\
Ndiaye|Fall|Sow|Koné|Touré|Ouattara|N'Diaye|N'Guessan|M'Baye|Mbemba|Nkounkou|Moukoko|Kowalski|Nowak|Wisniewski|\
Lewandowski|Zielinski|Kaminski|Rossi|Russo|Ferrari|Esposito|Bianchi|Romano|Di Marco|De Luca|D'Angelo|Dell'Anna|\
Popescu|Ionescu|Popa|Dumitru|Yilmaz|Kaya|Demir|Celik|Ozturk|Schmidt|Fischer|Weiss|Van den Broeck|Van Damme|\
De Smet|Janssens|Peeters|Rakotomalala|Andriamanana|Rabe|Singh|Kumar|Sharma|Silva Pereira|Garcia Lopez|\
Fernandez Ruiz|Torres|Ramirez|Gutierrez|Delgado|Castro|Ortega|Ivanov|Petrov|Smirnov|Kuznetsov|Haddou|Azzouz";

/// Heads, middles and tails of composed French surnames.
pub const HEADS: &str = "Bar Ber Bel Bon Bour Bru Cas Char Cha Cor Cou Dar Del Des Du Fa Fer Fon Gar Gau Gér Gri \
Gui Ha Her Jac Jou La Lam Lan Lar Le Mar Mau Mer Mon Mor Nau Nor Oli Par Pas Pel Per Pi Poi Pré Que Rai Ren Ri \
Rob Ro Rou Sa Sal Sau Ser Tar Thé Ti Tou Tri Va Ver Vi Vo Lœu Bœu Cœu Aub Es Hé Bé Fré Gré Mé Né";
pub const MIDDLES: &str = "b ba bi c ca che d da di do f fa g gu l la li lo m ma mi mo n na ni no p pa pi r ra ri \
ro s ss ta t ti v va vi ll nn rr mb nd ng st tr vr br cl gn bill cham quen man ver";
pub const TAILS: &str = "ard aud ault eau el elle et ette ez ier in on ot oux ois ic ec ac at an and ant ieu ou oy \
uc ut ert ète ain ein aine ais al as é ey eyre ière ille ine ol oul ourt ours us";

/// What precedes a surname, with its trailing space or apostrophe.
pub const PARTICLES: &[&str] =
    &["de ", "de La ", "du ", "d'", "Le ", "La ", "Le ", "Le ", "L'", "des ", "Saint-", "Dal "];

/// Breton names: Le apart, nearly all begin so.
pub const BRETON_HEADS: &str = "Ker Tré Plou Guen Lan Pen Ros Coat Gou Quil Mor Cad Bri Tal Corn";
pub const BRETON_TAILS: &str = "brat goat madec ven lec riou nec vez mel narec bihan men gourlay dren oan arec is \
lan hervé guen moal marec dern hénaff gall daniel";

/// Names with a syllabary of their own: heads, links, tails of each family.
pub const AFAR: [[&str; 3]; 8] = [
    [
        "Ben Bou Bel Abd Had Kha Man Sa Za Ra Me Ham Ch Gh Kh Az",
        "a e ou i",
        "mani lifa ziri douni rir moud laoui rani ssou bbas ddine lil chid ttar zzouz daoui bali kri hmi tti lem",
    ],
    [
        "El Ait-El Ould Ben- Aït-Ou",
        "-",
        "Fassi Kadiri Mrani Haddad Bekri Hachimi Yacoubi Mokri Ghazi Filali Hassani Tahiri Amri Berkani Ouafi Mansour",
    ],
    [
        "Ka Ko Na Mbo Ndo Tra Cou Ki Sy Dia Ba Ma Nia Go Bo To",
        "l m n r k nd mb b ss t",
        "a o é ou i ala ombo aré ibaly ata anga oula ongo iko",
    ],
    [
        "Fer Al Mo Pe Ro Ri Ca Mar Gon Gui To Bar Mo Es Vi Sal",
        "n r l m d v",
        "andes ares eira ias inho ela osa ada anes edo ueira eiro iz ino alves ado",
    ],
    [
        "Kowa Nowa Wisz Lewan Ziel Kam Pawl Gor Maj Duda Wal Sad Jan Mich Bor Star Krac",
        "l r n m cz w",
        "ski icz ak owski czyk ewski ek inski iewicz",
    ],
    [
        "Bian Ro Ferra Mar Lom Gal Con Ri Mo Bar De-San Pel San Mor Ga Vi Car",
        "c l r n t ss ll",
        "i o ini etti ardo elli one ucci ano ari ante oni",
    ],
    [
        "Rako Andria Ra Razafi Raveloa Rana Ratsi Rabe",
        "to nti ma so ndri mala harin",
        "arisoa nirina manana javao mamonjy saona tsoa malala velo",
    ],
    [
        "Schm Ho Ba Kl Wei Stein Mey Zimm Kauf Schn Vog Br Hu Mül Frit Gr Leh",
        "e a o i u",
        "tz rmann lmann nger cker ss hl del berg nheim bach ler ner mer",
    ],
];
