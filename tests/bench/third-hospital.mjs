// A third hospital, whose habits are neither the demo's nor those of `other-hospital.mjs`: five houses of different kinds
// (by the seed: CHU of three sites, rural CH, clinic with liberal doctors, psychiatric EPS, two hospitals of one GHT), each
// with the payroll export of another vendor, grades as payrolls abbreviate them, and a register of its country.
//   node tests/bench/third-hospital.mjs OUT SEED [hard] [PERSONS]
// leaves hr.csv, mapping.toml, register.txt, restricted.txt, truth.csv, and what each member of staff is in people.csv.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [OUT, SEED_TEXT, ...rest] = process.argv.slice(2)
const SEED = Number(SEED_TEXT)
const HARD = rest.includes('hard')
const PERSONS = Number(rest.find((word) => /^\d+$/.test(word)) ?? 220_000)
mkdirSync(OUT, { recursive: true })

let state = (SEED * 2654435761 + (HARD ? 977 : 0)) >>> 0
function random() {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const chance = (p) => random() < p
/** A rate of the normal hospital and of the hard one. */
const rate = (normal, hard) => random() < (HARD ? hard : normal)
const below = (n) => Math.floor(random() * n)
const one = (list) => list[below(list.length)]
const words = (text) => text.trim().split(/\s+/).map((word) => word.replaceAll('_', ' '))
/** Draws an item of a list whose weights are given by rank. */
function ranked(list, weight) {
  const sums = []
  let total = 0
  for (let k = 0; k < list.length; k++) sums.push((total += weight(k)))
  return () => {
    const at = random() * total
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle] < at) low = middle + 1
      else high = middle
    }
    return list[low]
  }
}
const weighted = (pairs) => ranked(pairs, (k) => pairs[k].at(-1))
// ---- Names ------------------------------------------------------------------------------------------------------------
const HEAD = words(`Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux David
Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin
Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson
Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard
Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas
Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte Lopez Jean Dupuy Guillot
Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps Huet Vasseur Perez Boucher Fleury Royer Klein Jacquet Adam Paris
Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard Baron Bertin Bailly Hervé Schneider Fernandez Le_Gall
Collet Léger Bouvier Julien Prévost Millet Perrot Daniel Le_Roux Cousin Germain Breton Besson Langlois Rémy Le_Goff Pelletier
Lévêque Perrier Leblanc Barré Lebrun Marchal Weber Mallet Hamon Boulanger Jacob Monnier Michaud Rodriguez Guichard Gillet Étienne
Grondin Poulain Tessier Chevallier Collin Chauvin Da_Silva Bouchet Gay Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau
Perret Barthélemy Cordier Pichon Lejeune Gilbert Lamy Delaunay Pasquier Carlier Laporte De_Sousa D'Hondt De_La_Tour L'Hostis
Le_Floc'h De_Oliveira Van_de_Velde De_Saint-Jean Le_Bihan N'Guyen Saint-Martin Bouët-Willaumez Haÿ Müller Bœuf Lesœur`)
const PARTS = {
  north: [words('Van Vander De Del Le Des Du'), words('camp bro wam vael court meulen steen denbosch mar pierre hove lat haye rue croix bek quen'), words('brouck ghem t s in ez el ens oy e ard')],
  brittany: [words('Le Ker Guil Pen Tré Plou Coat Mor'), words('gall breton morvan braz goff mével louarn hir dreff mélou han nec'), words('ec ou an el ic o ès')],
  south: [words('Cas Bou Mar Font Peyr Lab Sol Vil Cap Rou'), words('tagn ssel tin ane oul ad ier en al orgu'), words('ac as et ol ou on ade ié ès ens in')],
  east: [words('Schoen Klein Wal Ober Mei Hoff Stein Kess Fuchs Ritt'), words('en el er in ing'), words('mann er bach ler burg stein gger meyer')],
  centre: [words('Chau Bou Gau Per Mon Bar Lau Char Gir Tou Bel Mer Dau Roch Sau Vi'), words('d ch v n r tel din lo ss t g mi che ri'), words('eau et ot in on ier ard aud ault el eron elle ois')],
}
function french(region) {
  const [seen, list] = [new Set(HEAD), [...HEAD]]
  while (list.length < 34_000) {
    const [a, b, c] = PARTS[chance(0.35) ? region : one(Object.keys(PARTS))]
    const name = one(a) + (chance(0.35) ? one(PARTS.centre[1]) : '') + one(b) + one(c)
    if (!seen.has(name)) list.push(name)
    seen.add(name)
  }
  return ranked(list, (k) => (k + 11) ** -0.75)
}
const twice = (first, second) => () => one(first) + one(second)
const tail = (list, s, share, make) => {
  const head = ranked(list, (k) => (k + 1) ** -s)
  return () => (chance(share) ? make() : head())
}
const REGION = one(Object.keys(PARTS))
const PEOPLES = {
  french: { family: french(REGION) },
  maghreb: {
    family: tail(words(`Benali Belkacem Haddad Bouzid Saïdi Mansouri Ben_Salah Ahmed Mohamed Ali Cherif Brahimi Hamdi Trabelsi Bensaïd Amrani
      El_Idrissi Alaoui Khelifi Toumi Mebarki Zerrouki Ouali Kaci Slimani Belhadj Ben_Amor Bouazza Chaoui El_Amrani Rahmani Ziani Meziane Ait_Ahmed`), 0.6, 0.55,
    twice(words('Ben Bel Bou El_ Ait_ Oul Ben_ Abdel'), words('hamou kacem lahcen djelloul rached mrane ghazi yahia khalil amar chaib fassi naceur moussa lamine said'))),
    f: words('Fatima Nadia Samira Khadija Leïla Sarah Yasmine Amina Malika Karima Naïma Souad Houria Rachida Inès Nawel Sabrina Fatiha Zohra Hanane Sonia Imane Nour_El_Houda'),
    m: words('Mohamed Ahmed Karim Rachid Mehdi Youssef Samir Hassan Ali Omar Abdelkader Nabil Said Mustapha Farid Amine Bilal Khaled Mohamed_Amine Mohammed Abdallah Brahim'),
  },
  africa: {
    family: tail(words('Traoré Diallo Diarra Coulibaly Koné Diop Ndiaye Keïta Camara Cissé Sow Ba Barry Fall Touré Bah Sissoko Konaté Ouattara Mbaye Sylla Gueye Kouassi Kouadio Ngo_Nlend Mbongo Mukendi Ilunga'), 0.8, 0.25,
      twice(words('Nd Mb Ka Ko Ma Mou N\'G Ta Ba Ki'), words('iaye ouma lala mba nga dou uangu essan ongo lenda tshibangu'))),
    f: words('Fatoumata Aminata Mariama Aïssatou Awa Fatou Kadiatou Binta Marie-Claire Grâce Adama Hawa Ramatou Bintou Prisca Chantal'),
    m: words('Mamadou Moussa Ibrahima Amadou Ousmane Abdoulaye Adama Cheikh Souleymane Oumar Jean-Paul Boubacar Idrissa Serge Patrice Issa'),
  },
  iberia: {
    family: tail(words('Da_Silva Pereira Ferreira Rodrigues Dos_Santos Fernandes Gomes Martins Lopes De_Oliveira Gonçalves Ribeiro Alves De_Almeida Carvalho Pinto Teixeira Da_Costa Marques De_Sousa Garcia Martinez Lopez'), 0.6, 0.15,
      () => `${one(words('Da_Silva Dos_Santos Pereira Ferreira Alves'))} ${one(words('Pinto Gomes Lopes Rocha Nunes Teixeira'))}`),
    f: words('Maria Ana Paula Sandrine Isabel Sandra Cristina Patricia Lucie Maria_Fernanda Carla Elisabete Sophie'),
    m: words('José Manuel Antonio David Carlos Paulo Philippe João Luis Bruno Miguel Fernando'),
  },
  asia: {
    family: tail(words('Nguyen Tran Le Pham Huynh Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly Truong Chen Wang Li Zhang'), 1.3, 0.05, twice(words('Sou Phom Vong Cha'), words('vanna masak sa kham thavong'))),
    f: words('Thi_Thu Kim Anh Linh Thi_Lan Mai Minh_Anh Thanh Huong Julie Émilie Ngoc My_Linh'), m: words('Van_Minh Minh Duc Tuan Quang Hoang Van_Hung Thanh Bao David Kevin Anh'),
  },
  east: {
    family: tail(words('Popescu Ionescu Popa Radu Dumitru Stan Stoica Munteanu Kowalski Nowak Petrov Ivanova Constantinescu'), 0.5, 0.6, twice(words('Mar Rad Dum Ili Con Ghe Vas Mol Sta'), words('escu inescu eanu itru oiu ache ovici owski'))),
    f: words('Elena Maria Ioana Andreea Mihaela Cristina Ana-Maria Alina Raluca Simona Roxana'), m: words('Andrei Mihai Alexandru Ion Cristian Bogdan Adrian Florin Ciprian Radu-Stefan'),
  },
  islands: {
    family: tail(words('Payet Hoarau Grondin Boyer Fontaine Robert Rivière Marie-Sainte Jean-Baptiste Rakotomalala Rakotoarisoa Randriamanantena Mohamed Pierre-Louis'), 0.5, 0.35,
      twice(words('Rakoto Andria Ratsima Razafi Randria Ramana'), words('manana harison ndrabe mahefa malala nirina nantenaina soa'))),
    f: words('Marie-Andrée Marie-Josée Nathalie Marie-Line Murielle Sylviane Hanitra Voahangy Stéphanie Aurélie'), m: words('Jean-Bernard Jean-Marc Ludovic Fabrice Jimmy Hery Tiana Éric Olivier'),
  },
}
const COHORTS = [
  { f: words('Martine Françoise Monique Nicole Christine Catherine Marie-Claude Brigitte Sylvie Chantal Danielle Annie Dominique Michèle Jacqueline Anne-Marie Marie-Christine Évelyne Marie-France Odile Claudine Marie-Thérèse Bernadette Geneviève Élisabeth Claude Colette Patricia Véronique Pascale Joëlle Corinne'),
    m: words('Philippe Patrick Alain Michel Jean-Pierre Bernard Gérard Christian Daniel Jean-Claude Dominique Pierre Jacques Jean Jean-Paul Bruno Didier Thierry François Marc Jean-Marie Jean-Luc Pascal Yves Serge Gilles Denis Hervé Claude André') },
  { f: words('Nathalie Sandrine Valérie Isabelle Stéphanie Sophie Céline Christelle Karine Laurence Véronique Virginie Florence Anne Delphine Séverine Carole Cécile Sylvie Laetitia Corinne Claire Agnès Anne-Sophie Marie Frédérique Caroline Hélène Fabienne Patricia Muriel Estelle Peggy Magali'),
    m: words('Stéphane Christophe Laurent David Frédéric Sébastien Olivier Éric Jérôme Nicolas Thierry Philippe Franck Pascal Fabrice Cédric Bruno Vincent Arnaud Emmanuel Ludovic Yannick Jean-François Guillaume Jean-Christophe Pierre Xavier Benoît François-Xavier') },
  { f: words('Aurélie Émilie Julie Élodie Céline Marie Laura Amandine Audrey Pauline Mélanie Camille Marion Charlotte Sarah Anaïs Claire Jennifer Caroline Sabrina Justine Lucie Vanessa Jessica Mathilde Marie-Laure Fanny Gaëlle Anne-Laure Noémie Élise Hélène Cindy Ophélie Aude'),
    m: words('Julien Nicolas Guillaume Alexandre Romain Thomas Mathieu Jérémy Kévin Pierre Maxime Benjamin Anthony Vincent Jonathan Florian Clément Antoine Adrien Pierre-Yves Damien Aurélien Mickaël Simon Jean-Baptiste Grégory Rémi Fabien Yoann Loïc') },
  { f: words('Léa Manon Camille Marine Océane Chloé Laura Pauline Mathilde Marie Justine Morgane Emma Lucie Clara Margaux Sarah Juliette Inès Marion Anaïs Maëva Mélissa Julie Lisa Eva Louise Solène Coralie Cloé Clémence Lola Maëlle Jade Anne-Lise'),
    m: words('Thomas Alexandre Lucas Théo Hugo Quentin Maxime Antoine Clément Valentin Nicolas Florian Baptiste Alexis Paul Louis Dylan Romain Benjamin Enzo Arthur Pierre Simon Victor Corentin Tom Rayan Axel Jules Robin') },
]
for (const cohort of COHORTS) for (const sex of ['f', 'm']) cohort[`draw_${sex}`] = ranked(cohort[sex], (k) => (k + 2) ** -0.45)
for (const people of Object.values(PEOPLES)) for (const sex of ['f', 'm']) if (people[sex]) people[`draw_${sex}`] = ranked(people[sex], (k) => (k + 1) ** -0.4)
const ALL = { f: [...new Set(COHORTS.flatMap((c) => c.f))], m: [...new Set(COHORTS.flatMap((c) => c.m))] }
const RARE = [words('Ma Lé Na Eli Sy Au Flo Ké Ty Ale Joa Lu Ro'), words('li na ri lan th vi no so mé rie del'), words('a e ine elle ane ys ie'), words('o an is en el ien')]

function given(people, sex, year) {
  const k = sex === 'F' ? 'f' : 'm'
  const own = PEOPLES[people][`draw_${k}`]
  if (own && chance(0.72)) return own()
  const cohort = COHORTS[Math.max(0, Math.min(3, Math.floor((year - 1956) / 12)))]
  if (chance(0.76)) return cohort[`draw_${k}`]()
  if (chance(0.6)) return one(ALL[k])
  return one(RARE[0]) + one(RARE[1]) + one(k === 'f' ? RARE[2] : RARE[3])
}
// ---- Trades -----------------------------------------------------------------------------------------------------------
// code, label, share of the register in per mille, share of women
const TRADES = [['60', 'Infirmier', 372, 0.87], ['69', 'Infirmier psychiatrique', 2, 0.7], ['10', 'Médecin', 172, 0.5], ['70', 'Masseur-Kinésithérapeute', 70, 0.52], ['93', 'Psychologue', 50, 0.85],
  ['21', 'Pharmacien', 50, 0.67], ['91', 'Orthophoniste', 19, 0.97], ['40', 'Chirurgien-Dentiste', 31, 0.48], ['86', 'Technicien de laboratoire médical', 30, 0.8],
  ['28', 'Opticien-Lunetier', 29, 0.6], ['98', 'Manipulateur ERM', 21, 0.73], ['50', 'Sage-Femme', 17, 0.97], ['80', 'Pédicure-Podologue', 10, 0.68], ['94', 'Ergothérapeute', 10, 0.86],
  ['95', 'Diététicien', 10, 0.94], ['96', 'Psychomotricien', 10, 0.88], ['92', 'Orthoptiste', 4, 0.88], ['71', 'Ostéopathe', 25, 0.5], ['41', 'Assistant de service social', 25, 0.93],
  ['26', 'Audioprothésiste', 5, 0.5], ['31', 'Assistant dentaire', 10, 0.96], ['32', 'Physicien médical', 1, 0.35], ['', '', 29, 0.8]]
const LABEL = Object.fromEntries(TRADES.map(([code, label]) => [code, label]))
const WOMEN = Object.fromEntries(TRADES.map(([code, , , women]) => [code, women]))
const ROLES = { 328: 'Accompagnant éducatif et social', 313: 'Aide-soignant', 315: 'Auxiliaire de puériculture', 316: 'Préparateur en pharmacie hospitalière', 331: 'Secrétaire assistante médico-administrative', 360: 'Brancardier', 314: 'Ambulancier', 376: 'PADHUE médecin', 346: 'Etudiant infirmier' }
const trade = weighted(TRADES.map((row) => [row[0], row[2]]))

/** What payroll writes: category, trade (or role) of those who are registered, share registered, share of the house, labels. */
const PUBLIC = [
  ['nurse', '60', [0.94, 0.86], 300, ['INF. SOINS GENERAUX GR 2', 'INF. SOINS GENERAUX GR 1', 'INF SOINS GENERAUX 3EME GR', 'INFIRMIER D.E. CL. NORMALE', 'I.D.E. CL SUP', 'INFIRMIERE CDD', 'IDE REMPLACANT(E)', 'INFIRMIER CAT. A', 'INF. SOINS GENX & SPEC. 1ER GR']],
  ['unit', '60', [0.94, 0.86], 5, ['INFIRMIER MEDECINE INTERNE', 'IDE CONSULTATIONS EXTERNES']],
  ['special', '60', [0.97, 0.9], 38, ['INF. ANESTHESISTE GR 2', 'I.A.D.E. 1ER GRADE', 'INF. BLOC OPERATOIRE CL. SUP', 'IBODE GR 1', 'PUERICULTRICE CL. NORMALE', 'PUERICULTRICE GR 2', 'INF. PRATIQUE AVANCEE', 'AUXIL. MEDICAL PRATIQUE AVANCEE']],
  ['care', '313', [0.05, 0.05], 185, ['AIDE SOIGNANT', 'AIDE-SOIGNANT CL. SUP', 'AIDE SOIGNANT PRINCIPAL', 'A.S. CONTRACTUEL']],
  ['social care', '328', [0.05, 0.05], 15, ['ACC. EDUC. ET SOCIAL', 'AIDE MEDICO PSYCHOLOGIQUE']],
  ['child', '315', [0.05, 0.05], 18, ['AUXIL. DE PUERICULTURE', 'AUXILIAIRE PUER. CL SUP']],
  ['cleaning', '', [0, 0], 80, ['A.S.H. QUALIFIE', 'AGENT SERV. HOSP. QUAL. CL NORM', 'AGENT ENTRETIEN QUAL.', 'ASHQ FAISANT FONCTION AIDE SOIGNANT']],
  ['office', '', [0, 0], 125, ['ADJ. ADM. PRINC. 2E CL', 'ATTACHE ADM. HOSPITALIERE', 'TECHNICIEN HOSPITALIER', 'OUVRIER PRINC. 1E CL', 'INGENIEUR HOSPITALIER', 'AGENT DE MAITRISE', 'ASST REGULATION MEDICALE', 'TECH. INFORMATION MEDICALE', 'DIRECTEUR HOPITAL CL. EXCEPT', 'INGENIEUR BIOMEDICAL', 'AGENT DE PHARMACIE', 'AIDE DE LABORATOIRE']],
  ['secretary', '331', [0.03, 0.03], 45, ['ASS. MEDICO ADM. CL. NORMALE', 'SECRETAIRE MEDICALE', 'ASSIST. MEDICO-ADMIN. CL SUP']],
  ['porter', '360', [0.04, 0.04], 13, ['BRANCARDIER']],
  ['ambulance', '314', [0.04, 0.04], 5, ['AMBULANCIER SMUR', 'CONDUCTEUR AMBULANCIER']],
  ['doctor', '10', [0.985, 0.96], 92, ['PRATICIEN HOSPITALIER TPL', 'PRATICIEN HOSP. TEMPS PLEIN', 'PRAT. HOSP. TEMPS PARTIEL', 'PRAT. CONTRACT.', 'PRATICIEN ATTACHE', 'ASSISTANT SPECIALISTE', 'ASSISTANT GENERALISTE HOP.', 'CHEF CLINIQUE ASST HOP.', 'P.U.-P.H.', 'M.C.U.-P.H.', 'MEDECIN REMPLACANT', 'PH CHEF DE SERVICE', 'CHEF DE POLE', 'MEDECIN DU TRAVAIL']],
  ['junior', '10', [0.98, 0.95], 4, ['DOCTEUR JUNIOR']],
  ['intern', '10', [0.99, 0.97], 35, ['INTERNE 3E ANNEE', 'INTERNE 1E ANNEE', 'INTERNE DES HOPITAUX', 'INTERNE MEDECINE GENERALE']],
  ['internpharm', '21', [0.98, 0.95], 2, ['INTERNE 2E ANNEE', 'INTERNE PHARMACIE']],
  ['foreign', '376', [0.1, 0.1], 9, ['F.F.I.', 'FAISANT FONCTION INTERNE', 'STAGIAIRE ASSOCIE', 'PRATICIEN ASSOCIE', 'PRAT. ATTACHE ASSOCIE', 'ASSISTANT ASSOCIE']],
  ['pharmacist', '21', [0.99, 0.97], 10, ['PRATICIEN HOSPITALIER TPL', 'PHARMACIEN PRAT. HOSP.', 'PRAT. CONTRACT. PHARMACIE', 'PHARMACIEN ASSISTANT SPEC.']],
  ['dentist', '40', [0.98, 0.95], 4, ['PRATICIEN HOSPITALIER TPL', 'ODONTOLOGISTE ATTACHE', 'CHIRURGIEN DENTISTE']],
  ['midwife', '50', [0.99, 0.96], 20, ['SAGE-FEMME DES HOP. 2E GR', 'SAGE FEMME HOPITAUX 1ER GRADE', 'SAGE FEMME CONTRACT.']],
  ['physio', '70', [0.96, 0.9], 15, ['MASSEUR KINESITHERAPEUTE', 'MASSEUR-KINE. CL SUP', 'M.K. CL. NORMALE']],
  ['ergo', '94', [0.94, 0.88], 6, ['ERGOTHERAPEUTE', 'ERGOTHERAPEUTE CL. SUP']], ['speech', '91', [0.95, 0.9], 4, ['ORTHOPHONISTE CL NORMALE', 'ORTHOPHONISTE']],
  ['orthoptist', '92', [0.95, 0.9], 1, ['ORTHOPTISTE']], ['diet', '95', [0.93, 0.88], 5, ['DIETETICIEN', 'DIETETICIENNE CL. SUP']],
  ['psychomot', '96', [0.94, 0.88], 5, ['PSYCHOMOTRICIEN CL NORM', 'PSYCHOMOTRICIEN(NE)']], ['foot', '80', [0.95, 0.9], 1, ['PEDICURE PODOLOGUE']],
  ['psychologist', '93', [0.93, 0.85], 16, ['PSYCHOLOGUE CL. NORMALE', 'PSYCHOLOGUE HORS CL.', 'PSYCHOLOGUE CONTRACTUEL']],
  ['radio', '98', [0.95, 0.9], 22, ['MANIP. ELECTRORADIO MEDICALE', 'MANIPULATEUR E.R.M. CL. SUP', 'MANIP RADIO CL. NORM']],
  ['labo', '86', [0.9, 0.82], 19, ['TECH. LABO. MEDICAL CL. NORM', 'TECHNICIEN LABORATOIRE CL SUP', 'TECHNICIEN DE LABO']],
  ['preparator', '316', [0.3, 0.25], 10, ['PREPARATEUR PHARMACIE HOSP.', 'PREPARATEUR EN PHARM. HOSP. CL SUP']],
  ['social', '41', [0.8, 0.7], 9, ['ASSISTANT SOCIO-EDUC. GR 1', 'ASSISTANTE SOCIALE', 'ASS. SERVICE SOCIAL']],
  ['educator', '', [0, 0], 7, ['ASSISTANT SOCIO-EDUC. GR 1', 'EDUCATEUR SPECIALISE', 'MONITEUR EDUCATEUR', 'ANIMATEUR']],
  ['head', '60', [0.88, 0.8], 26, ['CADRE DE SANTE PARAMEDICAL', 'CADRE SUPERIEUR DE SANTE', 'CADRE DE SANTE', 'FF CADRE DE SANTE', 'FAISANT FONCTION CADRE', 'DIRECTEUR DES SOINS', 'CADRE DE SANTE INFIRMIER']],
  ['headother', '98', [0.9, 0.85], 3, ['CADRE DE SANTE PARAMEDICAL', 'CADRE DE SANTE']],
  ['headmidwife', '50', [0.97, 0.95], 2, ['SAGE FEMME COORDINATRICE', 'SAGE-FEMME CADRE SUPERIEUR']],
  ['acting', '60', [0.94, 0.86], 6, ['FF IBODE', 'FAISANT FONCTION IBODE', 'ELEVE INF. ANESTHESISTE', 'INFIRMIER STAGIAIRE']],
  ['seems', '', [0, 0], 6, ['FF SAGE-FEMME', 'FAISANT FONCTION INFIRMIER', 'FF PSYCHOLOGUE', 'F.F. PREPARATEUR']],
  ['student', '346', [0.03, 0.03], 16, ['ETUDIANT SOINS INF', 'ETUDIANT INFIRMIER', 'ETUDIANT MEDECINE 5E AN', 'ETUDIANT HOSPITALIER', 'ELEVE AIDE SOIGNANT', 'ETUDIANT SAGE-FEMME', 'APPRENTI INFIRMIER', 'APPRENTI MASSEUR KINE', 'STAGIAIRE PSYCHOLOGUE', 'ETUDIANT KINE']],
  ['physicist', '32', [0.95, 0.9], 1, ['PHYSICIEN MEDICAL', 'RADIOPHYSICIEN']],
]
const PRIVATE = [
  ['nurse', '60', [0.94, 0.86], 280, ['Infirmier(e) diplômé(e) d\'Etat', 'IDE', 'Infirmière DE nuit', 'IDE coordinatrice', 'Infirmier D.E. pool']],
  ['special', '60', [0.97, 0.9], 60, ['Infirmière anesthésiste', 'IBODE', 'IDE de bloc opératoire', 'Puéricultrice DE']],
  ['care', '313', [0.05, 0.05], 170, ['Aide-soignant(e)', 'Aide soignante diplômée']],
  ['child', '315', [0.05, 0.05], 20, ['Auxiliaire de puériculture']],
  ['cleaning', '', [0, 0], 80, ['Agent de service', 'Agent hôtelier', 'ASH faisant fonction AS']],
  ['office', '', [0, 0], 120, ['Employé administratif', 'Hôtesse d\'accueil', 'Technicien maintenance', 'Technicien biomédical', 'Responsable qualité']],
  ['secretary', '331', [0.03, 0.03], 50, ['Secrétaire médicale', 'Assistante de direction']],
  ['porter', '360', [0.04, 0.04], 25, ['Brancardier']],
  ['liberal', '10', [0.995, 0.98], 110, ['Médecin libéral', 'Chirurgien orthopédique', 'Anesthésiste-réanimateur', 'Cardiologue', 'Gastro-entérologue', 'Radiologue', 'Gynécologue obstétricien', 'Chirurgien viscéral', 'Praticien libéral', 'Ophtalmologiste', 'Urologue', 'Médecin urgentiste']],
  ['doctor', '10', [0.985, 0.96], 15, ['Médecin salarié', 'Médecin DIM', 'Médecin coordonnateur']],
  ['pharmacist', '21', [0.99, 0.97], 6, ['Pharmacien gérant', 'Pharmacien adjoint']],
  ['dentist', '40', [0.98, 0.95], 4, ['Chirurgien-dentiste', 'Stomatologue']],
  ['midwife', '50', [0.99, 0.96], 25, ['Sage-femme', 'Sage-femme remplaçante']],
  ['physio', '70', [0.96, 0.9], 20, ['Kinésithérapeute', 'Masseur-kinésithérapeute DE']],
  ['radio', '98', [0.95, 0.9], 15, ['Manipulateur radio', 'Manipulatrice en électroradiologie']],
  ['preparator', '316', [0.3, 0.25], 10, ['Préparateur en pharmacie']],
  ['diet', '95', [0.93, 0.88], 4, ['Diététicienne']], ['psychologist', '93', [0.93, 0.85], 4, ['Psychologue']],
  ['head', '60', [0.9, 0.8], 25, ['Responsable de service', 'Cadre de santé', 'Cadre de bloc', 'Directrice des soins']],
  ['student', '346', [0.03, 0.03], 12, ['Stagiaire infirmier', 'Etudiante infirmière', 'Alternant aide-soignant']],
]
// ---- Houses -----------------------------------------------------------------------------------------------------------
const KINDS = ['chu', 'rural', 'clinic', 'psy', 'ght']
const KIND = KINDS[(SEED - 1) % KINDS.length]
const SIZE = { chu: 5200, rural: 700, clinic: 900, psy: 1500, ght: 2600 }[KIND]
const digits = (n) => Array.from({ length: n }, () => below(10)).join('')
function luhn(body) {
  let sum = 0
  for (let i = 0; i < body.length; i++) {
    const d = Number(body[body.length - 1 - i]) * (i % 2 ? 1 : 2)
    sum += d > 9 ? d - 9 : d
  }
  return body + ((10 - (sum % 10)) % 10)
}
const taken = new Set()
function fresh(make) {
  for (;;) { const value = make(); if (!taken.has(value)) { taken.add(value); return value } }
}
const [structures, finess] = [[], () => fresh(() => luhn(`99${digits(6)}`))]
function structure(kind, name, ej) {
  const dept = String(10 + below(80))
  const hospital = kind === 'hospital' || kind === 'clinic' || kind === 'ehpad'
  const made = {
    kind, name, ej: hospital ? ej ?? finess() : '', et: hospital || chance(0.04) ? finess() : '', siret: hospital || chance(0.2) ? `99${digits(12)}` : '',
    key: hospital ? '' : fresh(() => `R9${digits(9)}`), dept, town: `${one(words('Saint- Mont Ville Beau Roche'))}${one(words('lieu fort neuve val mar court bourg'))}`,
  }
  made.key ||= `F${made.et}`
  structures.push(made)
  return made
}
const sites = []
const first = structure('hospital', { chu: 'CHU', rural: 'CH', clinic: 'CLINIQUE', psy: 'EPSM', ght: 'CH' }[KIND] + ' DES TROIS RIVIERES')
sites.push(first)
if (KIND === 'chu') sites.push(structure('hospital', 'HOPITAL NORD', first.ej), structure('hospital', 'HOPITAL MERE ENFANT', first.ej))
if (KIND === 'rural') sites.push(structure('ehpad', 'EHPAD DU CH', first.ej))
if (KIND === 'ght') { const second = structure('hospital', 'CH DU HAUT PAYS'); sites.push(second, structure('ehpad', 'USLD', second.ej), structure('hospital', 'SITE SUD', first.ej)) }
if (KIND === 'psy') sites.push(structure('hospital', 'CMP CENTRE', first.ej), structure('hospital', 'CATTP', first.ej))
const HOUSE = sites.length
for (let i = 0; i < PERSONS / 600; i++) structure('hospital', `CH ${i}`)
for (let i = 0; i < PERSONS / 1500; i++) structure('clinic', `CLINIQUE ${i}`)
for (let i = 0; i < PERSONS / 400; i++) structure('ehpad', `EHPAD ${i}`)
const SHOPS = structures.length
for (let i = 0; i < PERSONS / 5; i++) structure('cabinet', chance(0.7) ? 'CABINET' : 'MAISON DE SANTE')
const hospitalElsewhere = () => structures[HOUSE + below(SHOPS - HOUSE)]
const cabinet = () => structures[SHOPS + below(structures.length - SHOPS)]
// ---- People -----------------------------------------------------------------------------------------------------------
const origin = { other: weighted([['french', 830], ['maghreb', 60], ['iberia', 40], ['africa', 25], ['asia', 12], ['east', 8], ['islands', 25]]), doctor: weighted([['french', 760], ['maghreb', 130], ['iberia', 20], ['africa', 25], ['asia', 15], ['east', 40], ['islands', 10]]) }
const rpps = () => fresh(() => luhn(`99${digits(8)}`))
const day = (y, m, d) => ({ y, m, d })
function person(code, { young = false, people = origin[code === '10' || code === '376' ? 'doctor' : 'other']()[0] } = {}) {
  const medical = code === '10' || code === '376'
  const sex = chance(WOMEN[code] ?? 0.82) ? 'F' : 'M'
  const y = young ? 1995 + below(9) : 1956 + Math.floor(44 * (random() + random()) / 2) + below(4)
  const abroad = people !== 'french' && people !== 'islands' && chance(medical ? 0.6 : 0.35)
  const birth = abroad && chance(0.05) ? day(y, 1, 1) : day(y, 1 + below(12), 1 + below(28))
  const p = { people, sex, birth, code, place: abroad ? `99${one(['350', '352', '351', '139', '326', '243', '114', '333'])}` : `${String(1 + below(94)).padStart(2, '0')}${String(1 + below(600)).padStart(3, '0')}` }
  p.family = PEOPLES[people].family()
  p.givens = [given(people, sex, y)]
  while (p.givens.length < 3 && chance(0.55)) p.givens.push(given(people, sex, y - 25))
  p.usual = chance(0.03) && p.givens[1] ? 1 : 0
  const married = sex === 'F' ? (y < 1975 ? 0.72 : y < 1988 ? 0.5 : 0.22) : 0.02
  if (chance(married)) p.spouse = PEOPLES[chance(0.8) ? people : 'french'].family()
  const style = random()
  p.shown = !p.spouse ? p.family : sex === 'F' && style < 0.62 ? p.spouse : style < 0.84 ? p.family : style < 0.92 ? `${p.family}-${p.spouse}` : `${p.spouse} ${p.family}`
  return p
}
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe').replaceAll('Œ', 'OE')
function typo(text) {
  const at = 1 + below(Math.max(1, text.length - 2))
  const [head, next, tail] = [text.slice(0, at), text[at] ?? '', text.slice(at + 1)]
  return [() => head + tail, () => head + next + next + tail, () => head + tail.slice(0, 1) + next + tail.slice(1), () => head + one([...'aeinrstl']) + tail][below(4)]()
}
/** Names as an ordre, or an ARS, wrote them. */
function registered(p, act) {
  p.rpps = rpps()
  p.acts = act
  p.cat = 'C'
  const ars = !['60', '69', '10', '70', '21', '40', '50', '80'].includes(p.code)
  let family = p.shown
  let name = p.givens[p.usual]
  if (rate(0.003, 0.015)) [family, name] = [name, family]
  if (rate(0.006, 0.02)) family = typo(family)
  if (rate(0.003, 0.012)) name = typo(name)
  if (p.spouse && p.shown === p.spouse && chance(0.02)) family = `${p.spouse} ${chance(0.5) ? 'NEE' : 'EP'} ${p.family}`
  if (chance(0.5)) family = family.replaceAll("'", ' ')
  if (chance(ars ? 0.3 : 0.12)) name = name.replaceAll('-', ' ')
  if (!ars && chance(0.06)) family = family.replaceAll('-', ' ')
  p.wFamily = ars && chance(0.5) ? family : plain(family).toUpperCase()
  p.wGiven = ars && chance(0.6) ? name : chance(0.7) ? plain(name).toUpperCase() : name.toUpperCase()
  if (p.givens.length > 1 && chance(0.015)) p.wGiven += ` ${plain(p.givens[1 - p.usual] ?? '').toUpperCase()}`
  p.wBirth = { ...p.birth }
  const slip = random()
  if (slip < 0.002) p.wBirth = day(p.birth.y, p.birth.m, 1 + below(28))
  else if (slip < 0.004 && p.birth.d <= 12) p.wBirth = day(p.birth.y, p.birth.d, p.birth.m)
  else if (slip < 0.005) p.wBirth = day(p.birth.y + one([-1, 1, 10]), p.birth.m, p.birth.d)
  register.push(p)
  return p
}
const register = []
const at = (s, mode = 'S') => ({ s, mode, shape: chance(0.88) ? 'full' : one(['ej', 'et', 'siret']) })
function ordinary(p) {
  const n = random()
  const lines = n < 0.12 ? 0 : n < 0.78 ? 1 : n < 0.93 ? 2 : 3
  const hospital = { 60: 0.7, 10: 0.5, 70: 0.2, 50: 0.65, 98: 0.8, 86: 0.6, 21: 0.15, 93: 0.55, '': 0.8, 94: 0.7, 95: 0.6, 41: 0.4 }[p.code] ?? 0.15
  return Array.from({ length: lines }, () => (chance(hospital) ? at(hospitalElsewhere()) : at(cabinet(), 'L')))
}

const staff = []
const tags = (s, word) => s.tags.push(word)
const LIST = KIND === 'clinic' ? PRIVATE : PUBLIC
const share = (row) => row[3] * (KIND === 'chu' && row[0] === 'intern' ? 2.6 : KIND === 'psy' && ['midwife', 'radio', 'labo', 'child', 'dentist'].includes(row[0]) ? 0.1 : KIND === 'psy' && ['psychologist', 'psychomot', 'ergo', 'nurse'].includes(row[0]) ? 1.7 : KIND === 'rural' && ['doctor', 'intern', 'special'].includes(row[0]) ? 0.6 : 1)
const drawRow = ranked(LIST, (k) => share(LIST[k]))
for (let i = 0; i < SIZE; i++) {
  const [category, code, [normal, hard], , labels] = drawRow()
  const role = ROLES[code] ? code : ''
  let trade = role ? '' : code
  if (trade === '60' && chance(KIND === 'psy' ? 0.06 : 0.01)) trade = '69' // the psychiatric diploma, told apart by the register alone
  if (category === 'head' && chance(0.1)) trade = one(['70', '86', '98', '94', '50'])
  const p = person(role === '376' ? '376' : trade, { young: ['student', 'intern', 'internpharm'].includes(category), ...(category === 'foreign' ? { people: one(['maghreb', 'africa', 'east', 'maghreb']) } : {}) })
  p.code = trade
  p.role = role
  const s = { p, category, grade: one(labels), site: KIND === 'chu' || KIND === 'ght' ? sites[below(HOUSE)] : chance(0.8) ? first : one(sites), tags: [] }
  if ((trade || role) && rate(normal, hard)) {
    let acts
    const away = category.startsWith('intern') ? (KIND === 'chu' ? 0.12 : 0.4) : category === 'liberal' ? 0.08 : HARD ? 0.07 : 0.02
    const seen = random()
    if (seen < away) { acts = [chance(0.7) ? at(hospitalElsewhere()) : at(cabinet(), 'L')]; tags(s, 'shown-elsewhere') }
    else if (seen < away + (HARD ? 0.04 : 0.01)) { acts = []; tags(s, 'shown-nowhere') }
    else { acts = [at(chance(0.75) ? s.site : sites[below(HOUSE)], category === 'liberal' ? 'L' : 'S')]; if (chance(0.1)) acts.push(chance(0.5) ? at(hospitalElsewhere()) : at(cabinet(), 'L')) }
    registered(p, acts)
    if (category.startsWith('intern') || (category === 'junior' && chance(0.5))) p.cat = 'E'
    s.truth = p.rpps
  } else if (trade || ['foreign', 'student', 'seems'].includes(category)) tags(s, 'clinical-not-registered')
  staff.push(s)
}
const mine = staff.filter((s) => s.truth)
// Kin and namesakes: in the house, and in the country.
const clone = (p, code, more = {}) => ({ ...person(code), sex: p.sex, people: p.people, family: p.family, givens: [...p.givens], usual: p.usual, spouse: p.spouse, shown: p.shown, ...more })
const seemsTrade = (s) => s.p.code || { foreign: '10', student: /MEDEC|HOSPITALIER/.test(s.grade) ? '10' : /SAGE/.test(s.grade) ? '50' : /KINE/.test(s.grade) ? '70' : '60', seems: /SAGE/.test(s.grade) ? '50' : /PSY/.test(s.grade) ? '93' : '60' }[s.category]
for (const s of staff) {
  if (s.tags.includes('clinical-not-registered') && rate(0.1, 0.4)) {
    const twin = clone(s.p, seemsTrade(s))
    registered(twin, chance(0.15) ? [] : ordinary(twin).concat(chance(0.5) ? [at(hospitalElsewhere())] : []))
    s.twin = twin
    tags(s, 'namesake-registered')
  } else if (s.truth && rate(0.012, 0.05)) {
    const twin = clone(s.p, s.p.code)
    registered(twin, ordinary(twin))
    s.twin = twin
    tags(s, 'namesake-elsewhere')
  } else if (rate(0.0015, 0.006)) { // two in the house
    const other = one(staff)
    if (other === s || other.p.rpps || s.p.sex !== other.p.sex) continue
    Object.assign(other.p, { family: s.p.family, givens: [...s.p.givens], usual: s.p.usual, shown: s.p.shown, spouse: s.p.spouse, people: s.p.people })
    tags(s, 'namesake-in-house'); tags(other, 'namesake-in-house')
  } else if (s.truth && rate(0.001, 0.004)) { // two in the house, both registered there
    const twin = clone(s.p, s.p.code)
    registered(twin, [at(s.site)])
    staff.push({ p: twin, category: s.category, grade: s.grade, site: s.site, tags: ['namesake-in-house'], truth: twin.rpps })
    tags(s, 'namesake-in-house')
  } else if (s.truth && rate(0.003, 0.01)) { // a brother, a daughter, in the same trade
    registered({ ...person(s.p.code), family: s.p.family, shown: s.p.family, spouse: undefined }, [at(chance(0.2) ? s.site : hospitalElsewhere())])
  }
}
// Former staff that nobody struck off.
for (let i = Math.floor(mine.length * (HARD ? 0.14 : 0.04)); i > 0; i--) {
  const p = person(one(mine).p.code || '60')
  registered(p, [at(one(sites)), ...(chance(0.5) ? [at(hospitalElsewhere())] : [])])
}
while (register.length < PERSONS) {
  const p = person(trade()[0])
  if (p.code === '') p.role = one(Object.keys(ROLES))
  registered(p, ordinary(p))
  if ((p.code === '10' || p.code === '21') && chance(0.06)) p.cat = 'E'
}
// ---- Payroll ----------------------------------------------------------------------------------------------------------
const pad = (n) => String(n).padStart(2, '0')
const french_date = (b) => `${pad(b.d)}/${pad(b.m)}/${b.y}`
const iso_date = (b) => `${b.y}-${pad(b.m)}-${pad(b.d)}`
const numbers = { chu: 0.6, rural: 0, clinic: 0.75, psy: 0.35, ght: 0.5 }[KIND]
function declared(s) {
  if (s.twin && (s.truth ? rate(0.05, 0.12) : rate(0.25, 0.45))) { tags(s, 'number-of-namesake'); return s.twin.rpps }
  if (!s.truth || !chance(numbers)) return ''
  const slip = random()
  if (slip < (HARD ? 0.02 : 0.004)) { tags(s, 'number-of-colleague'); return one(mine).truth }
  if (slip < 0.02) { tags(s, 'number-mistyped'); return typo(s.truth).replace(/\D/g, '4') }
  if (slip < 0.028) return digits(9)
  if (slip < 0.035) return `8${s.truth}`
  if (slip < 0.1) return s.truth.replace(/^(\d\d)(\d{3})(\d{3})(\d{3})$/, '$1 $2 $3 $4')
  return s.truth
}
function hrNames(s) {
  const { p } = s
  let birth = p.family
  let usage = p.spouse ? (p.shown === p.family ? (chance(0.5) ? p.spouse : '') : p.shown) : ''
  if (p.spouse && rate(0.03, 0.07)) { usage = chance(0.5) ? '' : PEOPLES[p.people].family(); tags(s, 'name-lags') }
  const space = chance(KIND === 'clinic' ? 0.1 : 0.45)
  let name = p.givens[p.usual]
  if (p.usual && chance(0.6)) { name = p.givens[0]; tags(s, 'civil-given') }
  if (space) name = name.replaceAll('-', ' ')
  if (rate(0.01, 0.03)) { name = name.split(/[ -]/)[0]; if (name !== p.givens[p.usual]) tags(s, 'given-cut') }
  if (/[ -]/.test(name) && chance(0.02)) name = name.replace(/^(.)\S*?[ -]/, '$1.')
  if (rate(0.007, 0.04)) { name = typo(name); tags(s, 'misspelt') }
  if (rate(0.007, 0.04)) { if (usage) usage = typo(usage); else birth = typo(birth); tags(s, 'misspelt') }
  if (rate(p.people === 'french' ? 0.003 : 0.015, p.people === 'french' ? 0.02 : 0.06)) { if (usage) [usage, name] = [name, usage]; else [birth, name] = [name, birth]; tags(s, 'swapped') }
  if (rate(0.002, 0.02) && birth.length > 9) { birth = birth.slice(0, 8); tags(s, 'cut') }
  if (/^(De |Da |Le |Du |D'|Dos )/.test(birth) && chance(0.25)) birth = birth.replace(/^(\S+?)[ ']/, '$1')
  const write = (text) => (KIND === 'clinic' ? text : KIND === 'rural' && chance(0.6) ? text.toUpperCase() : plain(text).toUpperCase().replaceAll("'", chance(0.5) ? ' ' : "'"))
  return [birth, usage, name].map(write)
}
function hrBirth(s, format) {
  const slip = random()
  if (slip < (HARD ? 0.06 : 0.008)) { tags(s, 'birth-missing'); return '' }
  if (slip < (HARD ? 0.1 : 0.014)) { tags(s, 'birth-january'); return format(day(s.p.birth.y, 1, 1)) }
  if (slip < (HARD ? 0.115 : 0.018)) { tags(s, 'birth-wrong'); return format(day(s.p.birth.y, s.p.birth.m, 1 + below(28))) }
  if (slip < (HARD ? 0.12 : 0.02) && s.p.birth.d <= 12) { tags(s, 'birth-wrong'); return format(day(s.p.birth.y, s.p.birth.d, s.p.birth.m)) }
  return format(s.p.birth)
}
const quote = (text) => (/[",]/.test(text) ? `"${text}"` : text)
const LAYOUT = {
  chu: { encoding: 'windows-1252', delimiter: ';', columns: [['MATRI', 'matricule'], ['NOM_PATRONYMIQUE', 'birth_family'], ['NOM_MARITAL', 'usage_family'], ['PRENOM', 'given'], ['SEXE', 'sex'], ['DATNAIS', 'birth_date'], ['COMNAIS', 'birth_place_code'], ['NORPPS', 'rpps'], ['LIBGRADE', 'function_label'], ['FINESS_G', 'finess_et'], ['DEBUT', 'starts_on']],
    row: (s, id, [b, u, g]) => [id, b, u, g, s.p.sex, hrBirth(s, french_date), s.p.place, declared(s), s.grade, s.site.et, '01/09/2019'] },
  rural: { encoding: 'utf-8', delimiter: ',', columns: [['Matricule', 'matricule'], ['Nom', 'usage_family'], ['Prénom', 'given'], ['Civilité', 'sex'], ['Né(e) le', 'birth_date'], ['Emploi', 'function_label']], finess: true,
    row: (s, id, [b, u, g]) => [id, u ? (chance(0.8) ? `${u} ${chance(0.5) ? 'née' : 'NEE'} ${b}` : u) : b, g, s.p.sex === 'F' ? 'Mme' : 'M.', hrBirth(s, iso_date), s.grade] },
  clinic: { encoding: 'utf-8', delimiter: '\t', columns: [['Code salarié', 'matricule'], ['Nom de naissance', 'birth_family'], ['Nom d\'usage', 'usage_family'], ['Prénoms', 'given'], ['Sexe', 'sex'], ['Date de naissance', 'birth_date'], ['RPPS', 'rpps'], ['Qualification', 'function_label'], ['SIRET', null]], finess: true,
    row: (s, id, [b, u, g]) => [id, b, u || b, s.p.givens.length > 1 && chance(0.3) ? [g, ...s.p.givens.slice(1)].join(chance(0.5) ? ', ' : ' ') : g, s.p.sex, hrBirth(s, french_date), declared(s), s.grade, first.siret] },
  psy: { encoding: 'windows-1252', delimiter: ';', columns: [['AGENT', 'matricule'], ['NOM', 'usage_family'], ['NOM JF', 'birth_family'], ['PRENOM USUEL', 'given'], ['DATE NAISS', 'birth_date'], ['DPT NAISS', null], ['N RPPS', 'rpps'], ['GRADE', 'function_label'], ['FONCTION', null], ['EJ', 'finess_ej'], ['SITE', 'finess_et']],
    row: (s, id, [b, u, g]) => [id, u || b, u ? b : '', g, hrBirth(s, french_date), s.p.place.slice(0, 2), declared(s), s.grade, s.category, s.site.ej, s.site.et] },
  ght: { encoding: 'utf-8', delimiter: '|', columns: [['ID_AGENT', 'matricule'], ['NOM_NAISSANCE', 'birth_family'], ['NOM_USAGE', 'usage_family'], ['PRENOM1', 'given'], ['PRENOMS_SUIVANTS', 'other_given'], ['SEXE', 'sex'], ['NAISSANCE', 'birth_date'], ['RPPS', 'rpps'], ['GRADE', 'function_label'], ['GRADE', 'profession', true], ['FINESS_J', 'finess_ej']],
    row: (s, id, [b, u, g]) => [id, b, u, g, s.p.givens.slice(1).join(' '), s.p.sex, hrBirth(s, iso_date), declared(s), s.grade, s.site.ej] },
}[KIND]
const columns = LAYOUT.columns.filter(([, , again]) => !again)
const lines = [columns.map(([name]) => name).join(LAYOUT.delimiter)]
const truth = ['matricule;idnat']
const people = ['matricule;truth;category;trade;role;grade;people;tags']
for (let i = staff.length - 1; i > 0; i--) { const j = below(i + 1); [staff[i], staff[j]] = [staff[j], staff[i]] }
staff.forEach((s, i) => {
  const id = KIND === 'clinic' ? `S${1000 + i}` : String(20_000 + i * 7)
  const row = LAYOUT.row(s, id, hrNames(s))
  lines.push(row.map((cell) => (LAYOUT.delimiter === ',' ? quote(cell) : cell)).join(LAYOUT.delimiter))
  if (chance(0.03)) lines.push(row.map((cell, k) => (columns[k][1] === 'function_label' && chance(0.3) ? `${cell} ` : cell)).map((cell) => (LAYOUT.delimiter === ',' ? quote(cell) : cell)).join(LAYOUT.delimiter))
  truth.push(`${id};${s.truth ? `8${s.truth}` : ''}`)
  people.push([id, s.truth ? `8${s.truth}` : '', s.category, s.p.code, s.p.role, s.grade, s.p.people, s.tags.join(' ')].join(';'))
})
writeFileSync(join(OUT, 'hr.csv'), Buffer.from(lines.join('\r\n') + '\r\n', LAYOUT.encoding === 'utf-8' ? 'utf8' : 'latin1'))
writeFileSync(join(OUT, 'people.csv'), people.join('\n') + '\n')
const TABLE = { 'INF. SOINS GENERAUX GR 2': '60', 'INF. SOINS GENERAUX GR 1': '60', 'MASSEUR KINESITHERAPEUTE': '70', 'PSYCHOLOGUE CL. NORMALE': '93', 'SAGE-FEMME DES HOP. 2E GR': '50', 'MANIP. ELECTRORADIO MEDICALE': '98', ERGOTHERAPEUTE: '94' }
const toml = ['[source]', 'name = "troisieme"', 'kind = "hr_csv"', 'path = "hr.csv"', `encoding = "${LAYOUT.encoding}"`, `delimiter = ${JSON.stringify(LAYOUT.delimiter)}`, ...(LAYOUT.finess ? [`finess_ej = "${first.ej}"`] : [])]
for (const [name, to, table] of LAYOUT.columns) {
  if (!to) continue
  toml.push('', '[[field]]', `column = ${JSON.stringify(name)}`, `to = "${to}"`)
  if (table) toml.push('transform = "table"', `table = { ${Object.entries(TABLE).map(([k, v]) => `${JSON.stringify(k)} = "${v}"`).join(', ')} }`)
}
writeFileSync(join(OUT, 'mapping.toml'), toml.join('\n') + '\n')
// ---- Register ---------------------------------------------------------------------------------------------------------
const OPEN = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|Code profession|Libellé profession|Code catégorie professionnelle|Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|Mention distribution (coord. structure)|Bureau cedex (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|Libellé commune (coord. structure)|Code pays (coord. structure)|Libellé pays (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|Adresse e-mail (coord. structure)|Code Département (structure)|Libellé Département (structure)|Ancien identifiant de la structure|Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|Code section tableau pharmaciens|Libellé section tableau pharmaciens|Code rôle|Libellé rôle|Code genre activité|Libellé genre activité|"
const RESTRICTED = "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom de famille|Prénoms|Date de naissance|Code commune de naissance|Code pays de naissance|Lieu de naissance|Code sexe|Téléphone (coord. correspondance)|Adresse e-mail (coord. correspondance)|Code civilité|Code profession|Code catégorie professionnelle|Code civilité d'exercice|Nom d'exercice|Prénom d'exercice|Code type savoir-faire|Code savoir-faire|Code mode exercice|Code secteur d'activité|Code section tableau pharmaciens|Code rôle|Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|Numéro FINESS établissement juridique|Identifiant technique de la structure|Raison sociale site|Enseigne commerciale site|Complément destinataire (coord. structure)|Complément point géographique (coord. structure)|Numéro Voie (coord. structure)|Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|Libellé Voie (coord. structure)|Mention distribution (coord. structure)|Bureau cedex (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|Code pays (coord. structure)|Téléphone (coord. structure)|Téléphone 2 (coord. structure)|Télécopie (coord. structure)|Adresse e-mail (coord. structure)|Code département (coord. structure)|Ancien identifiant de la structure|Autorité d'enregistrement|"
const files = { open: createWriteStream(join(OUT, 'register.txt')), restricted: createWriteStream(join(OUT, 'restricted.txt')) }
const buffers = { open: [OPEN], restricted: [RESTRICTED] }
async function put(which, fields) {
  const list = buffers[which]
  list.push(`${fields.join('|')}|`)
  if (list.length > 20_000) {
    if (!files[which].write(list.join('\n') + '\n')) await new Promise((done) => files[which].once('drain', done))
    list.length = 0
  }
}
const AUTHORITY = { 10: 'CNOM/CNOM/CNOM', 60: 'ONI/ONI/ARS', 69: 'ONI/ONI/ARS', 21: 'CNOP/CNOP/CNOP', 40: 'CNOCD/CNOCD/ARS', 50: 'CNOSF/CNOSF/CNOSF', 70: 'CNOMK/CNOMK/CNOMK' }
for (let i = register.length - 1; i > 0; i--) { const j = below(i + 1); [register[i], register[j]] = [register[j], register[i]] }
for (const p of register) {
  const dr = ['10', '40', '21'].includes(p.code) && p.cat === 'C'
  const authority = AUTHORITY[p.code] ?? 'ARS/ARS/ARS'
  const role = p.role ?? ''
  const civ = p.sex === 'F' ? ['MME', 'Madame'] : ['M', 'Monsieur']
  const packed = [0, 1, 2].map((k) => (p.givens[k] ? (authority.startsWith('ARS') ? p.givens[k] : plain(p.givens[k]).toUpperCase()).replaceAll("'", ' ') : '')).join("'")
  const foreign = p.place.startsWith('99')
  for (const act of p.acts.length ? p.acts : [null]) {
    const s = act?.s
    const keep = (shape) => act && (act.shape === 'full' || act.shape === shape)
    const [siret, et, ej] = [s && (keep('siret') || !s.et) ? s.siret : '', keep('et') ? s.et : '', keep('ej') ? s.ej : '']
    const sector = !s ? '' : s.kind === 'hospital' ? 'SA01' : s.kind === 'clinic' ? 'SA02' : s.kind === 'ehpad' ? 'SA17' : 'SA07'
    await put('open', ['8', p.rpps, `8${p.rpps}`, dr ? 'DR' : '', dr ? 'Docteur' : '', ...civ, p.wFamily, p.wGiven, p.code, LABEL[p.code] ?? '', p.cat, p.cat === 'E' ? 'Etudiant' : 'Civil', '', '', '', '',
      act?.mode ?? '', act ? (act.mode === 'S' ? 'Salarié' : 'Libéral, indépendant, artisan, commerçant') : '', siret, siret.slice(0, 9), et, ej, s?.key ?? '', s?.name ?? '', '', '', '', s ? '1' : '', '', s ? 'R' : '', s ? 'Rue' : '', s ? 'DE LA GARE' : '', '', '', s ? `${s.dept}000` : '', '', s?.town ?? '', '', '', '', '', '', '', s?.dept ?? '', '', '', authority, sector, '', '', '', role, ROLES[role] ?? '', act ? 'GENR01' : '', act ? 'Activité de soin et de pharmacie' : ''])
    await put('restricted', ['8', p.rpps, `8${p.rpps}`, authority.startsWith('ARS') ? p.family : plain(p.family).toUpperCase(), packed, french_date(p.wBirth), foreign ? '' : p.place, foreign ? p.place : '99000', '', p.sex, '', '', civ[0], p.code, p.cat, dr ? 'DR' : '', p.wFamily, p.wGiven, '', '', act?.mode ?? '', sector, '', role, siret, siret.slice(0, 9), et, ej, s?.key ?? '', s?.name ?? '', '', '', '', s ? '1' : '', '', s ? 'R' : '', s ? 'DE LA GARE' : '', '', '', s ? `${s.dept}000` : '', '', '', '', '', '', '', s?.dept ?? '', '', authority])
  }
}
for (const which of ['open', 'restricted']) await new Promise((done) => files[which].end(buffers[which].length ? buffers[which].join('\n') + '\n' : '', done))
writeFileSync(join(OUT, 'truth.csv'), truth.join('\n') + '\n')
