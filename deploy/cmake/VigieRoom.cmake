# One target a folder, so that the build enforces the order of the rooms.
#
#   vigie_room(hub/store SOURCES a.cpp b.cpp NEEDS schemas/words hub/ops LINKS RocksDB::rocksdb-shared)
#
# makes the target hub_store (alias vigie::hub_store). Its only include root is a folder in the build tree that
# holds a link hub/store to the sources, so that including a room that is not in NEEDS, nor needed by one that
# is, is "no such file" (tests/house_rules.py holds the table of what a room may include itself).
# With VIGIE_CHECK_ROOMS the target vigie_check_rooms links each room alone and whole into an empty program, so
# that a symbol of a room that is not needed is undefined, and compiles each of its headers by itself.

option(VIGIE_CHECK_ROOMS "Link each room alone and compile each header by itself" OFF)
if(VIGIE_CHECK_ROOMS)
  add_custom_target(vigie_check_rooms)
endif()

function(vigie_room folder)
  cmake_parse_arguments(ROOM "" "" "SOURCES;NEEDS;LINKS" ${ARGN})
  string(REPLACE "/" "_" target ${folder})
  set(root ${CMAKE_BINARY_DIR}/rooms/${target})
  get_filename_component(parent ${root}/${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  if(NOT IS_SYMLINK ${root}/${folder})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${folder} SYMBOLIC)
  endif()
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_library(vigie::${target} ALIAS ${target})
  target_include_directories(${target} PUBLIC ${root})
  target_link_libraries(${target} PRIVATE vigie_warnings)
  foreach(need ${ROOM_NEEDS})
    string(REPLACE "/" "_" need_target ${need})
    target_link_libraries(${target} PUBLIC ${need_target})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ROOM_LINKS})
  if(VIGIE_CHECK_ROOMS)
    vigie_check_room(${target} ${folder})
  endif()
endfunction()

function(vigie_check_room target folder)
  set(empty ${CMAKE_BINARY_DIR}/rooms/empty_main.cpp)
  if(NOT EXISTS ${empty})
    file(WRITE ${empty} "int main() { return 0; }\n")
  endif()
  add_executable(${target}_alone ${empty})
  target_link_libraries(${target}_alone PRIVATE
    -Wl,--whole-archive $<TARGET_FILE:${target}> -Wl,--no-whole-archive ${target})
  set_target_properties(${target}_alone PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/rooms LINK_DEPENDS $<TARGET_FILE:${target}>)
  file(GLOB headers RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/*.h ${CMAKE_CURRENT_SOURCE_DIR}/*/*.h)
  set(units)
  foreach(header ${headers})
    string(REPLACE "/" "_" name ${header})
    set(unit ${CMAKE_BINARY_DIR}/rooms/${target}_headers/${name}.cpp)
    file(CONFIGURE OUTPUT ${unit} CONTENT "#include \"${folder}/${header}\"\n")
    list(APPEND units ${unit})
  endforeach()
  if(units)
    add_library(${target}_headers OBJECT ${units})
    target_link_libraries(${target}_headers PRIVATE ${target} vigie_warnings)
    add_dependencies(vigie_check_rooms ${target}_headers)
  endif()
  add_dependencies(vigie_check_rooms ${target}_alone)
endfunction()

# Targets that build a part of the tests: vigie_tests_unit and vigie_tests_threads by label, vigie_tests_schemas by
# folder.
if(VIGIE_TESTS)
  foreach(part unit threads schemas)
    add_custom_target(vigie_tests_${part})
  endforeach()
endif()

# In tests/unit/hub/store/CMakeLists.txt,
#   vigie_test(log_test.cpp NEEDS hub/store LABEL unit TIMEOUT 120 SOURCES more.cpp)
# makes one program of a test file and the ctest unit/hub/store/log_test. Labels (several are allowed in one call):
#   unit         the default: quick, alone, also run under address+undefined sanitizers
#   threads      also run under the thread sanitizer
#   integration  starts the real programs (their folder is in the environment as VIGIE_BIN)
#   soak, full   only in `tests/run.sh full`
#   crash        also in `tests/run.sh crash SEED` (the seed is in the environment as VIGIE_SEED)
#   house        the rules of the house
#   bench        only in `tests/run.sh bench`
function(vigie_test file)
  if(NOT VIGIE_TESTS)
    return()
  endif()
  cmake_parse_arguments(TEST "" "TIMEOUT" "LABEL;NEEDS;LINKS;SOURCES" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  file(RELATIVE_PATH where ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  get_filename_component(where ${where} DIRECTORY)
  string(REPLACE "/" "_" prefix ${where})
  set(target test_${prefix}_${name})
  add_executable(${target} ${file} ${TEST_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  foreach(need ${TEST_NEEDS})
    string(REPLACE "/" "_" need_target ${need})
    target_link_libraries(${target} PRIVATE ${need_target})
  endforeach()
  target_link_libraries(${target} PRIVATE vigie_warnings GTest::gmock_main ${TEST_LINKS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${where}/${name} COMMAND ${target})
  if(NOT TEST_LABEL)
    set(TEST_LABEL unit)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  set_tests_properties(${where}/${name} PROPERTIES LABELS "${TEST_LABEL}" TIMEOUT ${TEST_TIMEOUT}
    ENVIRONMENT "VIGIE_BIN=${CMAKE_BINARY_DIR}/bin")
  foreach(part unit threads)
    if(part IN_LIST TEST_LABEL)
      add_dependencies(vigie_tests_${part} ${target})
    endif()
  endforeach()
  if(where MATCHES "^unit/schemas")
    add_dependencies(vigie_tests_schemas ${target})
  endif()
endfunction()

# vigie_script_test(kill_test.py LABEL crash full TIMEOUT 600 ARGUMENTS --rounds 5): a test that is a script. It finds
# the programs by VIGIE_BIN, and ends with 77 when the machine does not give it a right that it needs (it says which).
function(vigie_script_test file)
  if(NOT VIGIE_TESTS)
    return()
  endif()
  cmake_parse_arguments(TEST "" "TIMEOUT;NAME" "LABEL;ARGUMENTS" ${ARGN})
  if(NOT TEST_NAME)
    get_filename_component(TEST_NAME ${file} NAME_WE)
  endif()
  if(NOT TEST_LABEL)
    set(TEST_LABEL integration)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  file(RELATIVE_PATH where ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  add_test(NAME ${where}/${TEST_NAME} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${TEST_ARGUMENTS})
  set_tests_properties(${where}/${TEST_NAME} PROPERTIES LABELS "${TEST_LABEL}" TIMEOUT ${TEST_TIMEOUT}
    SKIP_RETURN_CODE 77 ENVIRONMENT "VIGIE_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()

# In tests/fuzz/CMakeLists.txt: vigie_fuzz(fuzz_body.cpp NEEDS schemas/messages). The file defines
# LLVMFuzzerTestOneInput; the kept inputs lie in tests/fuzz/corpus/body. With VIGIE_FUZZ (clang++) it is a libFuzzer
# program in the build's fuzz folder; without, a test that gives it each kept input once.
if(VIGIE_FUZZ)
  add_custom_target(vigie_fuzz_targets)
endif()
function(vigie_fuzz file)
  cmake_parse_arguments(FUZZ "" "" "NEEDS;LINKS" ${ARGN})
  get_filename_component(name ${file} NAME_WE)
  string(REGEX REPLACE "^fuzz_" "" corpus ${name})
  if(VIGIE_FUZZ)
    add_executable(${name} ${file})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    add_dependencies(vigie_fuzz_targets ${name})
  elseif(VIGIE_TESTS)
    add_executable(${name} ${file} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME fuzz/${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${corpus})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS unit TIMEOUT 120)
    add_dependencies(vigie_tests_unit ${name})
  else()
    return()
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  foreach(need ${FUZZ_NEEDS})
    string(REPLACE "/" "_" need_target ${need})
    target_link_libraries(${name} PRIVATE ${need_target})
  endforeach()
  target_link_libraries(${name} PRIVATE vigie_warnings ${FUZZ_LINKS})
endfunction()
