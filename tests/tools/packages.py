# SPDX-License-Identifier: MIT
"""What CMake, the recipe for Conan, the port for vcpkg and docs/install.md say of one another. Neither Conan nor vcpkg is
needed: the recipe is run with a stand-in of the few things that it takes from Conan."""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import types
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORT = ROOT / "packaging" / "vcpkg" / "ports" / "cloakroom"
KEYWORDS = ("OPTIONAL", "PACKAGE", "TARGETS", "PKG_CONFIG", "HEADER", "DEBIAN", "VCPKG", "CONAN")


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


class CMakeLists:
    """The lists and rows of cmake/CloakroomDependencies.cmake."""

    def __init__(self):
        text = read("cmake/CloakroomDependencies.cmake")
        self.lists = {name: words.split() for name, words in re.findall(r"^set\(cloakroom_(\w+)\s([^)]*)\)", text, re.MULTILINE)}
        self.components = self.lists["components"]

    def names(self, dependency, key):
        """What the row says after the key."""
        found, collecting = [], False
        for word in self.lists[f"dependency_{dependency}"]:
            if word in KEYWORDS:
                collecting = word == key
            elif collecting and word != "or":
                found.append(word)
        return found

    def core(self, key):
        return sorted(name for dependency in self.lists["core"] for name in self.names(dependency, key))

    def component(self, name, key):
        return sorted(found for dependency in self.lists[f"component_{name}"] for found in self.names(dependency, key))


class Options(dict):
    def get_safe(self, name):
        return self.get(name)


class Part:
    """A cpp_info or one of its components, as far as the recipe fills it in."""

    def __init__(self):
        self.properties, self.components = {}, {}
        self.requires, self.system_libs, self.bindirs, self.libdirs = [], [], ["bin"], ["lib"]

    def set_property(self, name, value):
        self.properties[name] = value


class Components(dict):
    def __missing__(self, name):
        return self.setdefault(name, Part())


class StandInConanFile:
    def __init__(self, folder, **options):
        self.recipe_folder = self.source_folder = str(ROOT)
        self.package_folder = str(folder)
        self.options = Options(self.default_options | options)
        self.settings = Options(os="Linux")
        self.cpp_info = Part()
        self.cpp_info.components = Components()
        self.required, self.standards = [], []
        self.info = types.SimpleNamespace(clear=lambda: setattr(self, "cleared", True))

    def requires(self, reference):
        self.required.append(reference)


def copy(_, pattern, source, destination):
    for path in Path(source).rglob(pattern):
        target = Path(destination) / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def recipe():
    """The class of conanfile.py, imported while modules named as Conan's stand in for them."""
    modules = {
        "conan": {"ConanFile": StandInConanFile},
        "conan.tools": {},
        "conan.tools.build": {"check_min_cppstd": lambda conanfile, standard: conanfile.standards.append(standard)},
        "conan.tools.files": {"copy": copy, "load": lambda _, path: Path(path).read_text(encoding="utf-8")},
        "conan.tools.layout": {"basic_layout": lambda _: None},
    }
    with contextlib.ExitStack() as stack:
        for name, content in modules.items():
            module = types.ModuleType(name)
            vars(module).update(content)
            before = sys.modules.get(name)
            sys.modules[name] = module
            stack.callback(sys.modules.__setitem__, name, before) if before else stack.callback(sys.modules.pop, name)
        spec = importlib.util.spec_from_file_location("cloakroom_recipe", ROOT / "conanfile.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module.CloakroomConan


def names_of(dependencies):
    return sorted(name if isinstance(name, str) else name["name"] for name in dependencies)


def fences(language):
    page = read("docs/install.md")
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


class Packages(unittest.TestCase):
    def setUp(self):
        self.cmake = CMakeLists()
        self.port = json.loads((PORT / "vcpkg.json").read_text(encoding="utf-8"))
        self.manifest = json.loads(read("vcpkg.json"))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def conan(self, *components):
        """The recipe after what Conan has it do, with these components."""
        conanfile = recipe()(self.folder, **{f"with_{component}": True for component in components})
        conanfile.set_version()
        for step in ("validate", "layout", "requirements", "build", "package_id", "package_info"):
            getattr(conanfile, step)()
        return conanfile

    def version(self):
        return re.search(r"project\(cloakroom VERSION ([0-9.]+)", read("CMakeLists.txt"))[1]

    def test_the_version_is_the_same_everywhere(self):
        version = self.version()
        self.assertIn(f'version = "{version}"', read("include/cloakroom/core/version.hpp"))
        self.assertIn(f"// cloakroom {version} in one file.", read("single_include/cloakroom.hpp"))
        self.assertEqual(self.port["version"], version)
        self.assertEqual(self.manifest["version"], version)
        self.assertEqual(self.conan().version, version)
        self.assertEqual(re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)[1], version)

    def test_every_dependency_of_cmake_is_used_and_tells_what_to_install(self):
        rows = {name.removeprefix("dependency_") for name in self.cmake.lists if name.startswith("dependency_")}
        used = {name for key, names in self.cmake.lists.items() if key == "core" or key.startswith("component_") for name in names}
        self.assertEqual(rows, used | {"lmdb"})
        for row in rows - {"threads", "redis_tls"}:
            with self.subTest(row):
                self.assertTrue(self.cmake.names(row, "VCPKG"))

    def test_the_packages_of_debian_are_those_that_the_tests_install(self):
        words = set(re.findall(r"[a-z0-9.+-]+", read("tools/install_dependencies")))
        for name, row in self.cmake.lists.items():
            if name.startswith("dependency_"):
                for package in self.cmake.names(name.removeprefix("dependency_"), "DEBIAN"):
                    with self.subTest(package):
                        self.assertIn(package, words)

    def test_the_port_has_the_components_with_their_libraries(self):
        helpers = {"vcpkg-cmake", "vcpkg-cmake-config"}
        self.assertEqual(sorted(set(names_of(self.port["dependencies"])) - helpers), self.cmake.core("VCPKG"))
        for dependency in self.port["dependencies"]:
            if not isinstance(dependency, str):
                self.assertIn((dependency["name"] in helpers, dependency["host"]), {(True, True)})
        self.assertEqual(sorted(self.port["features"]), sorted(self.cmake.components))
        for name, feature in self.port["features"].items():
            with self.subTest(name):
                self.assertEqual(names_of(feature["dependencies"]), self.cmake.component(name, "VCPKG"))
                self.assertTrue(feature["description"])
        self.assertNotIn("default-features", self.port)

    def test_the_manifest_brings_what_the_tests_need(self):
        self.assertEqual(names_of(self.manifest["dependencies"]), self.cmake.core("VCPKG"))
        wanted = {"catch2", *self.cmake.names("lmdb", "VCPKG")}
        for component in set(self.cmake.components) - set(self.cmake.lists["rare_components"]):
            wanted.update(self.cmake.component(component, "VCPKG"))
        self.assertEqual(set(names_of(self.manifest["features"]["tests"]["dependencies"])), wanted)
        self.assertRegex(self.manifest["builtin-baseline"], r"^[0-9a-f]{40}$")

    def test_names_are_sorted_as_vcpkg_sorts_them(self):
        for manifest in (self.port, self.manifest):
            self.assertEqual(list(manifest["features"]), sorted(manifest["features"]))
            for part in (manifest, *manifest["features"].values()):
                names = [name if isinstance(name, str) else name["name"] for name in part["dependencies"]]
                self.assertEqual(names, sorted(names))

    def test_the_port_builds_the_checkout_that_it_lies_in(self):
        text = (PORT / "portfile.cmake").read_text(encoding="utf-8")
        above = re.search(r'"\$\{CURRENT_PORT_DIR\}/([./]+)"', text)[1]
        self.assertEqual((PORT / above).resolve(), ROOT)
        for option in re.findall(r"-D(CLOAKROOM_\w+)", text):
            self.assertIn(f"option({option} ", read("CMakeLists.txt"))
        usage = (PORT / "usage").read_text(encoding="utf-8")
        for name in re.findall(r"cloakroom::(\w+)", usage):
            self.assertIn(name, ["cloakroom", *self.cmake.components])

    def test_the_recipe_without_options_is_the_core(self):
        conanfile = self.conan()
        self.assertEqual(sorted(reference.split("/")[0] for reference in conanfile.required), self.cmake.core("CONAN"))
        self.assertEqual(list(conanfile.cpp_info.components), ["core"])
        self.assertEqual(conanfile.standards, [20])
        self.assertTrue(conanfile.cleared)
        core = conanfile.cpp_info.components["core"]
        self.assertEqual(core.properties["cmake_target_name"], "cloakroom::cloakroom")
        self.assertNotEqual(conanfile.cpp_info.properties["cmake_target_name"], "cloakroom::cloakroom")
        self.assertEqual(conanfile.cpp_info.properties["cmake_file_name"], "cloakroom")

    def test_the_recipe_has_an_option_for_each_component_which_brings_its_target_and_libraries(self):
        self.assertEqual(sorted(recipe().options), sorted(f"with_{component}" for component in self.cmake.components))
        for component in self.cmake.components:
            with self.subTest(component):
                conanfile = self.conan(component)
                parts = conanfile.cpp_info.components
                self.assertEqual(list(parts), ["core", component])
                self.assertEqual(parts[component].properties["cmake_target_name"], f"cloakroom::{component}")
                self.assertIn("core", parts[component].requires)

                libraries = sorted(name.split("::")[0] for name in parts[component].requires if name != "core")
                self.assertEqual(libraries, self.cmake.component(component, "CONAN"))
                self.assertTrue(libraries or parts[component].system_libs, "a component that brings nothing")

                # Conan refuses a package that is required and that no component names, and the other way round.
                required = {reference.split("/")[0] for reference in conanfile.required}
                self.assertEqual(len(required), len(conanfile.required))
                self.assertEqual(required, {name.split("::")[0] for part in parts.values() for name in part.requires if "::" in name})

    def test_no_part_of_the_package_has_programs_or_libraries(self):
        info = self.conan(*self.cmake.components).cpp_info
        for part in (info, *info.components.values()):
            self.assertEqual((part.bindirs, part.libdirs), ([], []))

    def test_the_recipe_packs_the_licence_and_all_headers(self):
        self.conan().package()
        self.assertTrue((self.folder / "licenses" / "LICENSE").is_file())
        packed = {path.relative_to(self.folder / "include") for path in (self.folder / "include").rglob("*.hpp")}
        self.assertEqual(packed, {path.relative_to(ROOT / "include") for path in (ROOT / "include").rglob("*.hpp")})
        exported = recipe().exports_sources
        for name in ("CMakeLists.txt", "LICENSE", "include/*"):
            self.assertIn(name, exported)

    def test_the_page_names_features_and_options_that_exist(self):
        manifests = [json.loads(text) for text in fences("json")]
        self.assertEqual(manifests[0]["dependencies"][0]["name"], self.port["name"])
        shell = "".join(fences("sh"))
        features = manifests[0]["dependencies"][0]["features"] + re.search(r"cloakroom\[([\w,]+)\]", shell)[1].split(",")
        for feature in features:
            self.assertIn(feature, self.port["features"])
        ports = [*manifests[1]["overlay-ports"], re.search(r"--overlay-ports=(\S+)", shell)[1]]
        for path in ports:
            self.assertEqual(ROOT / Path(path).relative_to("cloakroom"), PORT.parent)

        settings = "".join(fences("ini"))
        self.assertIn(f"cloakroom/{self.version()}\n", settings)
        options = re.findall(r"cloakroom/\*:(\w+)=", shell + settings)
        self.assertGreaterEqual(len(options), 2)
        for option in options:
            self.assertIn(option, recipe().options)

        listed = re.search(r"The components are (.*)\.$", read("docs/install.md"), re.MULTILINE)[1]
        self.assertEqual(re.findall(r"`(\w+)`", listed), self.cmake.components)

    def test_the_page_has_debians_packages(self):
        rows = re.findall(r"^\| `CLOAKROOM_WITH_(\w+)` \|[^|]*\|([^|]*)\|", read("docs/install.md"), re.MULTILINE)
        packages = {name.lower(): re.findall(r"`([^`]+)`", cell) for name, cell in rows}
        self.assertEqual(packages, {name: self.cmake.component(name, "DEBIAN") for name in self.cmake.components} | {"testing": []})

        command = re.search(r"apt-get install g\+\+ (.*)", "".join(fences("sh")))[1]
        self.assertEqual(sorted([*command.split(), "libbotan-3-dev"]), self.cmake.core("DEBIAN"))

    def test_the_page_installs_with_cmake_as_it_says(self):
        block = next(text for text in fences("sh") if "cmake --install" in text)
        (self.folder / "cloakroom").symlink_to(ROOT)
        generator = {"CMAKE_GENERATOR": "Ninja"} if shutil.which("ninja") else {}
        done = subprocess.run(["sh", "-e"], input=block, cwd=self.folder, env=os.environ | generator,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue((self.folder / "prefix/include/cloakroom.hpp").is_file())
        self.assertTrue((self.folder / "prefix/share/cmake/cloakroom/cloakroomConfig.cmake").is_file())
        self.assertTrue((self.folder / "prefix/share/licenses/cloakroom/LICENSE").is_file())


if __name__ == "__main__":
    unittest.main(verbosity=2)
