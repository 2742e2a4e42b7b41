# SPDX-License-Identifier: MIT
"""The recipe for Conan 2: `conan create . -s compiler.cppstd=20 --build=missing`, with `-o "&:with_redis=True"` and the
like for the components. Each component is what cmake/CloakroomDependencies.cmake has under the same name."""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"

# What everybody needs: the package with its versions, and what the core component takes of it.
CORE = {
    "botan/[>=2.19 <4]": "botan::botan",
    "zlib/[>=1.2.11 <2]": "zlib::zlib",
    "boost/[>=1.74 <2]": "boost::headers",
}

# The same of each component that is switched on by with_<component>.
COMPONENTS = {
    "cereal": {"cereal/[>=1.3 <2]": "cereal::cereal"},
    "sqlite": {"sqlite3/[>=3.40 <4]": "sqlite3::sqlite3"},
    "postgres": {"libpq/[>=14 <19]": "libpq::libpq"},
    "redis": {"hiredis/[>=1.0 <2]": "hiredis::hiredis"},
    "memcached": {"libmemcached/[>=1.0.18 <2]": "libmemcached::libmemcached"},
    "httplib": {"cpp-httplib/[>=0.11 <1]": "cpp-httplib::cpp-httplib"},
    "beast": {"boost/[>=1.74 <2]": "boost::headers"},
    "fastcgi": {},
    "drogon": {"drogon/[>=1.9 <2]": "drogon::drogon"},
    "crow": {"crowcpp-crow/[>=1.2 <2]": "crowcpp-crow::crowcpp-crow"},
}

# Libraries that Conan Center does not have: the system's are linked.
SYSTEM_LIBRARIES = {"fastcgi": ["fcgi"]}


class CloakroomConan(ConanFile):
    name = "cloakroom"
    description = "Django's sessions as a header-only C++20 library"
    license = "MIT"
    topics = ("django", "session", "cookie", "web", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {f"with_{component}": [True, False] for component in COMPONENTS}
    default_options = {f"with_{component}": False for component in COMPONENTS}
    exports_sources = "CMakeLists.txt", "LICENSE", "include/*"
    no_copy_source = True

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "CMakeLists.txt"))
        self.version = re.search(r"project\(cloakroom VERSION ([0-9.]+)", text)[1]

    def layout(self):
        basic_layout(self)

    def requirements(self):
        wanted = dict(CORE)
        for component in self._components():
            wanted |= COMPONENTS[component]
        for reference in wanted:
            self.requires(reference)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def build(self):
        pass

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "cloakroom")
        # Without a name of its own, the package and its core would become one target, which links every component.
        self.cpp_info.set_property("cmake_target_name", "cloakroom::cloakroom_all_unofficial")
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []

        core = self._add_component("core", "cloakroom::cloakroom", list(CORE.values()))
        if self.settings.get_safe("os") in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        for component in self._components():
            part = self._add_component(component, f"cloakroom::{component}", ["core", *COMPONENTS[component].values()])
            part.system_libs = SYSTEM_LIBRARIES.get(component, [])

    def _components(self):
        return [component for component in COMPONENTS if self.options.get_safe(f"with_{component}")]

    def _add_component(self, name, target, requires):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", target)
        component.bindirs = []
        component.libdirs = []
        component.requires = requires
        return component
