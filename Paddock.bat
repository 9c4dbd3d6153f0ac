@echo off
rem Starts Paddock on Windows with a double click: finds a Python that fits, then app\start\install.py
rem installs what is missing and opens the page. ASCII only: what is said with accents is in app\start\words.
setlocal
chcp 65001 >nul
title Paddock
pushd "%~dp0"
set PYTHONUTF8=1

set "PROJECT="
if exist "app\start\install.py" set "PROJECT=."
if not defined PROJECT if exist "paddock\app\start\install.py" set "PROJECT=paddock"
if not defined PROJECT goto incomplete

set "LANGUAGE=fr"
reg query "HKCU\Control Panel\International" /v LocaleName 2>nul | findstr /i /r /c:" en-" >nul && set "LANGUAGE=en"

set "TEST=import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)))"
set "FOUND="
for %%V in (3.11 3.12 3.13) do if not defined FOUND py -%%V -c "%TEST%" >nul 2>nul && set "FOUND=py -%%V"
for %%V in (311 312 313) do if not defined FOUND if exist "%LocalAppData%\Programs\Python\Python%%V\python.exe" set FOUND="%LocalAppData%\Programs\Python\Python%%V\python.exe"
for %%N in (python3 python) do if not defined FOUND %%N -c "%TEST%" >nul 2>nul && set "FOUND=%%N"
if not defined FOUND goto nopython

%FOUND% "%PROJECT%\app\start\install.py" --open %*
set CODE=%ERRORLEVEL%
if not "%CODE%"=="0" goto stop
popd
exit /b 0

:incomplete
echo Paddock : le dossier est incomplet. Sortez d'abord tout le dossier de l'archive zip
echo (clic droit, "Extraire tout"), puis relancez Paddock.bat depuis le dossier extrait.
echo Paddock: the folder is not complete. Extract the whole zip archive first, then start again.
set CODE=1
goto stop

:nopython
type "%PROJECT%\app\start\words\python.%LANGUAGE%.txt"
set CODE=3
goto stop

:stop
echo.
pause
popd
exit /b %CODE%
