"""Names for made-up people, from many of the places that families come from. None is anybody's."""

_GIRLS = """
Aaliyah Abigail Adriana Aisha Alejandra Alma Amara Amelia Amina Ángela Anika Ava Beatriz Brooke Camila Carmen Chloe
Citlali Daniela Dolores Eleni Elif Emma Esperanza Eva Fatima Fernanda Freya Gabriela Giulia Guadalupe Hana Harper
Imani Inés Ingrid Isabella Itzel Jada Jasmine Jiwoo Josefina Kalani Keiko Khadija Kiara Lakshmi Leilani Lily Linh
Lucía Luz Mai Mariana María Maya Mei Mónica Naomi Nayeli Noor Olivia Oluchi Paloma Penelope Quỳnh Renée Riya Rocío
Rosalind Ruby Sabrina Salma Sana Saoirse Sofía Sunita Tala Teresa Thandiwe Valentina Violet Ximena Yara Yesenia Yuki
Zainab Zoë Zuri
"""
_BOYS = """
Abdul Adrián Agustín Ahmed Aiden Ajay Alejandro Amir Andrés Anthony Arjun Benjamin Bilal Björn Bryce Caleb Carlos
César Chidi Cuauhtémoc Damián Daniel David Dev Diego Dmitri Eduardo Elijah Emiliano Emre Enrique Ethan Ezra Felipe
Francisco Gael Hamza Haruto Héctor Hugo Ibrahim Ignacio Isaac Ismael Iván Jaden James Javier Jin Joaquín José Josiah
Juan Kai Kenji Kwame Liam Logan Luca Malik Manuel Marcus Mateo Matthew Miguel Minh Mohammed Nam Nikhil Noah Omar Óscar
Owen Pablo Paolo Quentin Rafael Ramón Ravi Rubén Samir Santiago Sean Sebastián Sione Tariq Thabo Theo Tomás Tyrone
Viktor Wei Xavier Yusuf Zachary
"""
_ADULTS = """
Adela Agnes Alberto Alicia Anjali Armando Arturo Ayesha Bao Barbara Bernard Blanca Boris Cecilia Charles Clara
Consuelo Cristina Darnell Deborah Denise Dung Edgar Elena Emeka Ernesto Esther Farah Felicia Fernando George Gloria
Gustavo Hassan Helen Hiroshi Hyun Imelda Irina Jacqueline Janet Jerome Jorge Joyce Julio Karen Kavita Kelechi Keith
Laura Leticia Lorenzo Luther Magdalena Malia Marcela Mario Marisol Martin Mehmet Mercedes Michael Mireya Nadia Nancy
Ngozi Norma Olga Pascual Patricia Pedro Peter Quan Rachel Raúl Rebecca Ricardo Roberto Rosario Salvador Samuel Sandra
Sergei Shanice Silvia Soledad Stephen Susan Tanya Teodoro Thomas Thuy Tomoko Vanessa Verónica Vincent Wendell Xiomara
Yolanda Youssef Zoltan
"""
_FAMILIES = """
Abreu Acosta Adeyemi Aguilar Ahmadi Alvarez Anderson Ayala Baker Banerjee Barrera Bauer Becker Bello Bennett Blackwood
Brooks Bui Cabrera Campbell Carrillo Castañeda Chang Chávez Chen Chowdhury Cohen Contreras Cooper Cortés Crawford Cruz
Davis Delacroix Díaz Domínguez Dubois Duong Edwards Escobar Espinoza Estrada Farouk Fernández Figueroa Fischer Flores
Foster Franco Fuentes Gallegos García Garza Gebremariam Goldberg Gómez González Gray Greene Guerrero Gupta Gutiérrez
Haddad Hansen Harris Hernández Herrera Ho Huang Hughes Ibáñez Ibarra Ito Jackson Jaramillo Jiménez Johnson Joseph
Juárez Kaur Kekoa Kelly Khalil Khan Kim King Kowalski Kumar Lam Le Lee Leung Lewis Li López Luna Machado Maldonado
Marín Márquez Martin Martínez Mbeki Medina Mehta Mejía Méndez Mendoza Mensah Meyer Miller Molina Montes Montoya
Morales Moreno Morgan Müller Muñoz Murphy Nakamura Nasser Navarro Nguyễn Nielsen Núñez O'Brien O'Connor Ochoa Okeke
Olsen Orozco Ortiz Osorio Owusu Pacheco Padilla Park Patel Peña Pereira Pérez Petrov Pham Phillips Ponce Quintero
Quinn Rahman Ramírez Ramos Reed Reyes Ríos Rivera Robinson Rodríguez Rojas Romero Rosales Ross Rossi Ruelas Saavedra
Saito Salazar Saleh Sánchez Sandoval Santos Schmidt Serrano Sharma Silva Singh Smith Solís Soto Stewart Suárez Suzuki
Tanaka Taylor Thompson Torres Tran Trujillo Turner Ueda Valdez Valencia Vargas Vásquez Vega Velasco Villanueva Walker
Wang Washington Watanabe White Williams Wilson Wójcik Wong Wright Wu Yamamoto Yang Yilmaz Young Zamora Zhang Zimmerman
Zúñiga
"""
GIRLS, BOYS, ADULTS, FAMILIES = (_GIRLS.split(), _BOYS.split(), _ADULTS.split(), _FAMILIES.split())
RELATIONS = ("Grandmother", "Grandfather", "Aunt", "Uncle", "Neighbor", "Family friend")
