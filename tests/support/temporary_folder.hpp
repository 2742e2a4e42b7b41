// SPDX-License-Identifier: MIT
#ifndef CLOAKROOM_TESTS_SUPPORT_TEMPORARY_FOLDER_HPP
#define CLOAKROOM_TESTS_SUPPORT_TEMPORARY_FOLDER_HPP

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <cstdlib>

/// A new folder that goes with its content when the object does.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        auto name = (std::filesystem::temp_directory_path() / "cloakroom-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw std::runtime_error{"cannot make a temporary folder"};
        folder_ = name;
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// The path of a file in the folder.
    std::string path(std::string const& name) const { return (folder_ / name).string(); }

private:
    std::filesystem::path folder_;
};

#endif
